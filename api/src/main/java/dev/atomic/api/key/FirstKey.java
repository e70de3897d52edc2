package dev.atomic.api.key;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.request.KeyBody;
import dev.atomic.api.tenant.Scope;
import dev.atomic.api.tenant.Tenant;
import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Where keys are required and none can make others, makes one with the scope `admin` and writes it
/// to `run/admin.key`, for its owner alone. Losing it, or revoking it, and starting again gives a
/// new one to whoever may read that folder, and nobody else.
@Component
final class FirstKey implements ApplicationRunner {
    private static final Logger LOG = LoggerFactory.getLogger(FirstKey.class);

    private static final Set<PosixFilePermission> OWNER_ALONE =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final ApiSettings settings;
    private final Path home;
    private final Path file;
    private final KeyStore keys;
    private final TransactionTemplate transactions;

    FirstKey(
            ApiSettings settings,
            Variables variables,
            KeyStore keys,
            TransactionTemplate transactions) {
        this.settings = settings;
        this.home = DatabaseSettings.home(variables.values());
        this.file = home.resolve("run").resolve("admin.key");
        this.keys = keys;
        this.transactions = transactions;
    }

    @Override
    public void run(ApplicationArguments none) {
        if (!settings.authenticates() || keys.hasAdmin()) {
            return;
        }
        try {
            transactions.executeWithoutResult(_ -> {
                keys.forgetFirst();
                KeyBody asked = new KeyBody("first", Tenant.DEFAULT, Set.of(Scope.ADMIN), null);
                // The file before the commit: a file with a key that doesn't exist is replaced at
                // the next start, but a key that nobody was told stays.
                write(keys.make(asked, true).text());
            });
            LOG.warn("no key could make others; a new one with the scope admin is in {}", file);
        } catch (DuplicateKeyException another) {
            LOG.info("another api process has just made the first key");
        }
    }

    private void write(String key) {
        Path part = file.resolveSibling("admin.key.part");
        try {
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(part);
            Files.createFile(part, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
            Files.writeString(part, key + "\n");
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new SettingException(
                    "ATOMIC_HOME",
                    home.toString(),
                    "a folder in which run/admin.key, the first key, can be written");
        }
    }
}
