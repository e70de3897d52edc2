package dev.atomic.db;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The rules every module keeps to, checked over its main classes and sources.
public final class HouseRules {
    private static final int MAX_LINES = 400;
    private static final Path SOURCES = Path.of("src", "main", "java");

    private final String root;
    private final JavaClasses classes;

    /// @param root the module's package; its sources are below the working directory
    public HouseRules(String root) {
        this.root = root;
        this.classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
                        .importPackages(root);
    }

    /// No class of the module depends on any of these packages.
    public void neverUses(String... packages) {
        noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(classes);
    }

    /// No class of the module depends on any other package than these and its own. Where little is
    /// on the class path, that says more than what is never used: the compiler wouldn't find it.
    public void usesNothingBut(String... packages) {
        classes()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAPackage(root + "..").or(resideInAnyPackage(packages)))
                .check(classes);
    }

    /// No other class of the module than these depends on those packages.
    public void onlyIn(Set<Class<?>> these, String... packages) {
        Set<String> names = these.stream().map(Class::getName).collect(Collectors.toSet());
        noClasses()
                .that(
                        describe(
                                "aren't " + names,
                                one -> !names.contains(one.getName().replaceAll("\\$.*", ""))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(classes);
    }

    /// Only this package depends on those.
    public void onlyIn(String one, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackage(one + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(classes);
    }

    /// Only this package calls these methods.
    ///
    /// @param owner the full name of the class that has them
    public void onlyCalledIn(String one, String owner, String... methods) {
        noClasses()
                .that()
                .resideOutsideOfPackage(one)
                .should()
                .callMethodWhere(
                        target(owner(name(owner)))
                                .and(target(nameMatching(String.join("|", methods)))))
                .check(classes);
    }

    /// Packages by subject don't need each other in a circle. The root package wires them.
    public void packagesAreFreeOfCycles() {
        slices().matching(root + ".(*)..").should().beFreeOfCycles().check(classes);
    }

    /// The same for the rooms inside one package. Its own classes are the door: they know the
    /// rooms, and no room knows them.
    public void roomsAreFreeOfCycles(String house) {
        slices().matching(house + ".(*)..").should().beFreeOfCycles().check(classes);
        noClasses()
                .that()
                .resideInAPackage(house + ".*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(house)
                .check(classes);
    }

    /// Constructor injection alone.
    public void nothingIsInjectedIntoFields() {
        noFields()
                .should()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .orShould()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
                .orShould()
                .beAnnotatedWith("jakarta.inject.Inject")
                .orShould()
                .beAnnotatedWith("jakarta.annotation.Resource")
                .check(classes);
    }

    /// Names of the field, not of a pattern.
    public void namesSayWhatAClassIs() {
        for (String ending :
                List.of("Impl", "Util", "Utils", "Helper", "Helpers", "Manager", "Data", "Info")) {
            noClasses()
                    .that()
                    .resideInAPackage(root + "..")
                    .should()
                    .haveSimpleNameEndingWith(ending)
                    .check(classes);
        }
        classes()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .areInterfaces()
                .should()
                .haveNameNotMatching(".*\\.I[A-Z][a-z]\\w*")
                .check(classes);
    }

    /// Null is said or it isn't there.
    public List<String> packagesWithoutNullMarked() throws IOException {
        TreeSet<String> missing = new TreeSet<>();
        for (Path file : sources()) {
            Path marked = file.resolveSibling("package-info.java");
            if (!Files.exists(marked) || !Files.readString(marked).contains("@NullMarked")) {
                missing.add(SOURCES.relativize(file.getParent()).toString());
            }
        }
        return List.copyOf(missing);
    }

    /// A file has one subject.
    public List<String> filesThatAreTooLong() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > MAX_LINES) {
                tooLong.add(SOURCES.relativize(file) + ": " + lines + " lines");
            }
        }
        return tooLong;
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
