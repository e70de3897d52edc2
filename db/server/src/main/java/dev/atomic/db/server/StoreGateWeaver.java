package dev.atomic.db.server;

import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts [StoreGate] around the methods of H2 that change a map, look at all of them, commit and
/// query, before H2's classes are loaded: H2 has no place to hook into, and a fork would have to be
/// kept.
///
/// Each such method gets another name, and a new one of its old name calls it between the gate's
/// two calls. Only classes that [KnownH2] knows are touched.
final class StoreGateWeaver {
    private static final String PACKAGE = "org.h2.";
    private static final ClassDesc GATE = ClassDesc.of(StoreGate.class.getName());
    private static final String RENAMED = "$ungated";

    private enum Gate {
        CHANGE,
        SNAPSHOT,
        OUTSIDE,
        COMMIT,
        READ
    }

    private static final Map<String, Gate> OF_MAP =
            Map.of(
                    "operate", Gate.CHANGE,
                    "append", Gate.CHANGE,
                    "trimLast", Gate.CHANGE,
                    "clearIt", Gate.CHANGE);
    private static final Map<String, Gate> OF_STORE =
            Map.of("collectChangedMapRoots", Gate.SNAPSHOT, "beforeWrite", Gate.OUTSIDE);
    // Makes a transaction's changes visible, marks it as committed, applies it.
    private static final Map<String, Gate> OF_TRANSACTIONS = Map.of("commit", Gate.CHANGE);
    // Does that, then stores.
    private static final Map<String, Gate> OF_TRANSACTION = Map.of("commit", Gate.COMMIT);
    private static final Map<String, Gate> OF_COMMAND = Map.of("executeQuery", Gate.READ);

    private static boolean woven;

    private StoreGateWeaver() {}

    /// Does nothing the second time.
    ///
    /// @throws UnknownH2Exception when this isn't the H2 it was written for: a database that could
    ///   be torn by a kill must not start
    /// @throws IllegalStateException when H2's classes are loaded already
    static synchronized void weave() {
        if (woven) {
            return;
        }
        KnownH2.require();
        define("mvstore.MVMap", OF_MAP, "mvstore.WriteBuffer");
        define("mvstore.MVStore", OF_STORE, "mvstore.WriteBuffer");
        define("mvstore.tx.TransactionStore", OF_TRANSACTIONS, "mvstore.tx.VersionedBitSet");
        define("mvstore.tx.Transaction", OF_TRANSACTION, "mvstore.tx.VersionedBitSet");
        define("command.Command", OF_COMMAND, "command.CommandInterface");
        woven = true;
    }

    /// @param neighbourName a class of the same package that doesn't need those to be defined
    private static void define(String name, Map<String, Gate> gates, String neighbourName) {
        try {
            Class<?> neighbour =
                    Class.forName(
                            PACKAGE + neighbourName, false, StoreGateWeaver.class.getClassLoader());
            byte[] woven = woven(name, gates);
            MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup()).defineClass(woven);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException("H2's " + name + " can't be given its gate: " + e, e);
        }
    }

    private static byte[] woven(String name, Map<String, Gate> gates) {
        ClassModel original = ClassFile.of().parse(KnownH2.bytes(name));
        Set<String> found = new HashSet<>();
        byte[] result =
                ClassFile.of()
                        .transformClass(
                                original,
                                (builder, element) -> {
                                    Gate gate = gateOf(element, gates);
                                    if (gate == null) {
                                        builder.with(element);
                                    } else {
                                        MethodModel method = (MethodModel) element;
                                        if (!found.add(method.methodName().stringValue())) {
                                            throw new IllegalStateException(
                                                    method.methodName() + " is there twice");
                                        }
                                        wrap(builder, original, method, gate);
                                    }
                                });
        if (!found.equals(gates.keySet())) {
            throw new IllegalStateException(name + " has " + found + " of " + gates.keySet());
        }
        return result;
    }

    private static @Nullable Gate gateOf(ClassElement element, Map<String, Gate> gates) {
        return element instanceof MethodModel method
                        && (method.flags().flagsMask() & ClassFile.ACC_BRIDGE) == 0
                ? gates.get(method.methodName().stringValue())
                : null;
    }

    private static void wrap(
            ClassBuilder builder, ClassModel owner, MethodModel method, Gate gate) {
        String name = method.methodName().stringValue();
        MethodTypeDesc type = method.methodTypeSymbol();
        builder.withMethod(
                name + RENAMED,
                type,
                ClassFile.ACC_PRIVATE,
                renamed ->
                        method.forEach(element -> {
                            if (!(element instanceof AccessFlags)
                                    && !(element instanceof RuntimeVisibleAnnotationsAttribute)) {
                                renamed.with(element);
                            }
                        }));
        builder.withMethodBody(
                name,
                type,
                method.flags().flagsMask(),
                code -> gated(code, owner.thisClass().asSymbol(), name, type, gate));
    }

    private static void gated(
            CodeBuilder code, ClassDesc owner, String name, MethodTypeDesc type, Gate gate) {
        TypeKind result = TypeKind.from(type.returnType());
        int held = code.allocateLocal(TypeKind.INT);
        int answer = code.allocateLocal(TypeKind.REFERENCE);
        int failure = code.allocateLocal(TypeKind.REFERENCE);
        enter(code, gate, held);
        code.trying(
                body -> {
                    body.aload(0);
                    for (int i = 0; i < type.parameterCount(); i++) {
                        body.loadLocal(TypeKind.from(type.parameterType(i)), body.parameterSlot(i));
                    }
                    body.invokespecial(owner, name + RENAMED, type);
                    if (result != TypeKind.VOID) {
                        body.storeLocal(result, answer);
                    }
                    leave(body, gate, held);
                    if (result != TypeKind.VOID) {
                        body.loadLocal(result, answer);
                    }
                    body.return_(result);
                },
                thrown ->
                        thrown.catchingAll(handler -> {
                            handler.astore(failure);
                            leave(handler, gate, held);
                            handler.aload(failure);
                            handler.athrow();
                        }));
    }

    private static void enter(CodeBuilder code, Gate gate, int held) {
        switch (gate) {
            case CHANGE -> code.invokestatic(GATE, "beginChange", ConstantDescs.MTD_void);
            case SNAPSHOT -> code.invokestatic(GATE, "beginSnapshot", ConstantDescs.MTD_void);
            case OUTSIDE -> {
                code.invokestatic(GATE, "stepAside", MethodTypeDesc.of(ConstantDescs.CD_int));
                code.istore(held);
                Label allowed = code.newLabel();
                code.iload(held);
                code.ifge(allowed);
                code.return_();
                code.labelBinding(allowed);
            }
            case COMMIT -> code.invokestatic(GATE, "beginCommit", ConstantDescs.MTD_void);
            case READ -> {}
        }
    }

    private static void leave(CodeBuilder code, Gate gate, int held) {
        switch (gate) {
            case CHANGE -> code.invokestatic(GATE, "endChange", ConstantDescs.MTD_void);
            case SNAPSHOT -> code.invokestatic(GATE, "endSnapshot", ConstantDescs.MTD_void);
            case OUTSIDE -> {
                code.iload(held);
                code.invokestatic(
                        GATE,
                        "goOn",
                        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int));
            }
            case COMMIT -> code.invokestatic(GATE, "endCommit", ConstantDescs.MTD_void);
            case READ -> code.invokestatic(GATE, "endRead", ConstantDescs.MTD_void);
        }
    }
}
