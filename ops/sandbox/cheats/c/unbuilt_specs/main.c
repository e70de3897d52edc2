int main(void) { return nobody_has_defined_this(); }
