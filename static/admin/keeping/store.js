// The copy on this device: one row a window, in IndexedDB. Every function here may fail, because a
// browser may refuse to keep anything or have no room; whoever calls says so to the person.
const [NAME, STORE] = ["keeping", "copies"];

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(STORE, { keyPath: ["person", "form", "window"] });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => { opened = null; };
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const asked = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error ?? asked.error);
  });
}

export const put = (copy) => run("readwrite", (store) => store.put(copy));

export const remove = ({ person, form, window }) => (
  run("readwrite", (store) => store.delete([person, form, window]))
);

export const allOf = (person) => (
  run("readonly", (store) => store.getAll(IDBKeyRange.bound([person], [person, []])))
);
