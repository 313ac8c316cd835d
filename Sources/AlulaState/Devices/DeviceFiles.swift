import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol
import AlulaSystem

/// The reference's files of paired and waiting devices, `devices/paired.json` and `devices/pending.json`.
///
/// Other programs read and write them as well, without a lock. So they are read again whenever they have changed, right
/// before each change too, and what an entry holds besides what is known here stays in it.
///
/// Devices that are only in the database of the reference's later versions count as well. With the first change they are
/// taken over into `paired.json`, and whatever becomes of them there is what counts; only a token that was revoked in the
/// database stays revoked. The database itself is never written.
package struct DeviceFiles: Sendable {
    /// A file that is longer holds something else.
    private static let maximum = ByteCount.mebibytes(16)

    private let paired: String
    private let pending: String
    /// A file of ours that excludes our own programs from changing the files at once.
    private let lock: String
    private let database: String
    private let imported: String

    package init(_ layout: StateLayout) {
        paired = layout.pairedDevices
        pending = layout.pendingDevices
        lock = layout.devicesLock
        database = layout.sharedDatabase
        imported = layout.importedDevices
    }

    /// Both files as they were at one time.
    package struct Contents: Sendable {
        package var book: DeviceBook
        fileprivate var paired: DeviceDocument
        fileprivate var pending: DeviceDocument
        /// The database's devices; `nil` when it has none.
        fileprivate var stored: JSONObject?
        fileprivate var imported: ImportedDevices
        fileprivate var version: Version

        /// Notes in `book` what other programs have taken away.
        fileprivate func tellNews(since known: Contents?, in book: inout DeviceBook) {
            guard let known, known.version != version else { return }
            book.noticeWithdrawals(since: known.book)
            book.noticeRequests(since: known.book)
        }
    }

    /// Which files in which state.
    fileprivate struct Version: Hashable, Sendable {
        var paired: FileIdentity?
        var pending: FileIdentity?
        var imported: FileIdentity?
        var database: FileIdentity?
        var log: FileIdentity?
    }

    /// What is in the files; `known` itself when they have not changed since. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileDamaged`` when the paired devices can't be understood, so that nobody takes them
    ///   for gone; ``StateError/Code/fileUnusable``.
    package func load(knowing known: Contents? = nil) throws(StateError) -> Contents {
        // Looked at before anything is read: what changes meanwhile is read again next time.
        var version = try version()
        if let known, version == known.version { return known }
        let (pairedFile, pendingFile, importedFile) = (try read(paired), try read(pending), try read(imported))
        (version.paired, version.pending) = (pairedFile?.identity, pendingFile?.identity)
        version.imported = importedFile?.identity
        let done = ImportedDevices(importedFile?.bytes)
        let stored = stored(knowing: known, at: &version)
        var devices = try DeviceDocument(pairedFile?.bytes)
        for (id, entry) in stored ?? JSONObject() where done.counts(id, entry) { devices.offer(entry, as: id) }
        let requests: DeviceDocument
        do throws(StateError) {
            requests = try DeviceDocument(pendingFile?.bytes)
        } catch {
            // Requests live for minutes and are asked again; a damaged file of them is like none.
            requests = DeviceDocument()
        }
        var book = DeviceBook(devices: devices.devices, requests: requests.requests)
        for (id, entry) in stored ?? JSONObject() {
            if let device = DeviceRecord(key: id, entry: entry) { book.noticeRevocations(in: device) }
        }
        return Contents(
            book: book, paired: devices, pending: requests, stored: stored, imported: done, version: version)
    }

    /// The database's devices. While it can't be read, those that are known count, and it is read again next time.
    private func stored(knowing known: Contents?, at version: inout Version) -> JSONObject? {
        if let known, known.version.database == version.database, known.version.log == version.log {
            return known.stored
        }
        do throws(StateError) {
            return try DeviceDatabase.paired(at: database)
        } catch {
            (version.database, version.log) = (known?.version.database, known?.version.log)
            return known?.stored
        }
    }

    /// Runs `body` on what is in the files and writes what it changed, whole or not at all. Blocks the calling thread.
    ///
    /// When another program writes at the same time, `body` runs again on what is there then.
    ///
    /// - Returns: What is in the files now, what the last run returned, and what others are to be told; that includes
    ///   rights that were there in `known` and that another program has taken away.
    /// - Throws: ``StateError/Code/fileDamaged``, ``StateError/Code/fileUnusable``; the files are as they were.
    package func change<Value>(
        knowing known: Contents? = nil, deadline: Deadline, _ body: (inout DeviceBook) -> Value
    ) throws(StateError) -> (contents: Contents, value: Value, news: [DeviceBook.News]) {
        var contents = try load(knowing: known)
        var book = contents.book
        contents.tellNews(since: known, in: &book)
        var value = body(&book)
        guard !book.changes.isEmpty else { return (contents, value, book.news) }
        let held = try Self.translating("locked") { () throws(SystemError) in
            try Directory.make(PathText.directory(of: lock))
            return try FileLock.acquire(lock, note: [], deadline: deadline)
        }
        defer { held.release() }
        removeLeftovers()
        if try version() != contents.version {
            contents = try load(knowing: contents)
            book = contents.book
            contents.tellNews(since: known, in: &book)
            value = body(&book)
        }
        try write(book, over: &contents)
        let news = book.news
        book.settle()
        contents.book = book
        return (contents, value, news)
    }

    // MARK: Steps

    private func write(_ book: DeviceBook, over contents: inout Contents) throws(StateError) {
        let changes = book.changes
        // The paired devices first: a request that is still there does no harm, a lost device would.
        if !changes.isDisjoint(with: [.devices, .usage]) {
            let offered = contents.paired.offered
            // One that was removed must not come back from the database, whenever this ends.
            try note(offered.filter { book.devices[DeviceID($0.key)] == nil }, in: &contents)
            contents.paired.put(book.devices)
            contents.version.paired = try replace(paired, with: contents.paired.bytes)
            try note(offered.map { $0 }, in: &contents)
        }
        if changes.contains(.requests) {
            contents.pending.put(book.requests)
            contents.version.pending = try replace(pending, with: contents.pending.bytes)
        }
    }

    /// Removes what processes left that were killed while they wrote. A directory that can't be listed keeps it.
    private func removeLeftovers() {
        for path in [paired, pending, imported] {
            do throws(SystemError) { try DurableFile.removeLeftovers(of: path) } catch { continue }
        }
    }

    /// Writes down which entries of the database have been dealt with.
    private func note(_ entries: [JSONObject.Element], in contents: inout Contents) throws(StateError) {
        var isNews = false
        for (id, entry) in entries where contents.imported.insert(id, entry) { isNews = true }
        if isNews { contents.version.imported = try replace(imported, with: contents.imported.bytes) }
    }

    private func replace(_ path: String, with bytes: [UInt8]) throws(StateError) -> FileIdentity {
        try Self.translating("written") { () throws(SystemError) in
            try Directory.make(PathText.directory(of: path))
            return try DurableFile.replace(path, with: bytes).identity
        }
    }

    private func version() throws(StateError) -> Version {
        try Self.translating("read") { () throws(SystemError) in
            Version(
                paired: try .ofExisting(paired), pending: try .ofExisting(pending), imported: try .ofExisting(imported),
                database: try .ofExisting(database), log: try .ofExisting("\(database)-wal"))
        }
    }

    private func read(_ path: String) throws(StateError) -> FileContents? {
        try Self.translating("read") { () throws(SystemError) in
            try FileReader.readExisting(path, maximum: Self.maximum)
        }
    }

    private static func translating<Value>(
        _ attempt: String, _ body: () throws(SystemError) -> Value
    ) throws(StateError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StateError(
                .fileUnusable, "The files of paired devices can't be \(attempt). \(error.message)", underlying: error)
        }
    }
}
