#include "/proc/self/cmdline"
#include "/dev/null"
int main(void) { return nobody_has_defined_this(); }
