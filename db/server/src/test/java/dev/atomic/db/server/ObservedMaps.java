package dev.atomic.db.server;

import java.lang.reflect.Field;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/// H2's own list of a store's maps, which tells when a store goes over them. H2's code, changed by
/// the gate or not, is what goes.
final class ObservedMaps extends ConcurrentHashMap<Integer, MVMap<?, ?>> {
    private static final long serialVersionUID = 1L;

    /// @param onPass a store is about to take the first map's state
    /// @param onTaken it has taken the state of the map with this id, and of none after it
    record Observer(Runnable onPass, IntConsumer onTaken) {}

    private transient volatile @Nullable Observer observer;

    private ObservedMaps(Map<Integer, MVMap<?, ?>> maps) {
        super(maps);
    }

    /// To be called while nobody stores.
    static ObservedMaps of(MVStore store) throws ReflectiveOperationException {
        Field field = MVStore.class.getDeclaredField("maps");
        field.setAccessible(true);
        @SuppressWarnings("unchecked")
        var maps = (ConcurrentHashMap<Integer, MVMap<?, ?>>) field.get(store);
        ObservedMaps observed = new ObservedMaps(maps);
        field.set(store, observed);
        return observed;
    }

    void observe(Observer watching) {
        observer = watching;
    }

    @Override
    public Collection<MVMap<?, ?>> values() {
        Collection<MVMap<?, ?>> values = super.values();
        Observer watching = observer;
        return watching != null && isCalledByAStore() ? new Pass(values, watching) : values;
    }

    private static boolean isCalledByAStore() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.skip(2)
                                .limit(1)
                                .anyMatch(frame ->
                                        frame.getMethodName()
                                                .startsWith("collectChangedMapRoots")));
    }

    private static final class Pass extends AbstractCollection<MVMap<?, ?>> {
        private final Collection<MVMap<?, ?>> values;
        private final Observer observer;

        Pass(Collection<MVMap<?, ?>> values, Observer observer) {
            this.values = values;
            this.observer = observer;
        }

        @Override
        public Iterator<MVMap<?, ?>> iterator() {
            observer.onPass().run();
            Iterator<MVMap<?, ?>> maps = values.iterator();
            return new Iterator<>() {
                private @Nullable MVMap<?, ?> last;

                @Override
                public boolean hasNext() {
                    if (last != null) {
                        observer.onTaken().accept(last.getId());
                        last = null;
                    }
                    return maps.hasNext();
                }

                @Override
                public MVMap<?, ?> next() {
                    last = maps.next();
                    return last;
                }

                @Override
                public void remove() {
                    maps.remove();
                }
            };
        }

        @Override
        public int size() {
            return values.size();
        }
    }
}
