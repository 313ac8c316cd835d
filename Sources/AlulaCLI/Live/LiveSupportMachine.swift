import AlulaJSON
import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The real machine, on the blocking pool.
struct LiveSupportMachine: SupportMachine {
    private static let patience = Duration.seconds(10)
    /// How far below the state directory a look goes, and how much it lists.
    private static let maximumDepth = 6
    private static let maximumEntries = 2000
    private static let maximumArchive = ByteCount.mebibytes(64)

    let pool: BlockingPool
    /// The process's environment; only the search path is used.
    let variables: [String: String]
    let files: any FileInspecting

    func description() async throws -> JSONValue {
        let limits = await files.watchLimits()
        return try await pool.run("describe the machine", deadline: .after(Self.patience)) {
            var object = Self.system()
            object["distribution"] = .object(Self.distribution())
            object["processors"] = .number(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            object["memoryBytes"] = .number(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
            object["root"] = .bool(geteuid() == 0)
            object["openFiles"] = Self.openFiles()
            object["fileWatches"] = limits.map { .number($0.watches) }
            object["fileWatchers"] = limits.map { .number($0.instances) }
            return .object(object)
        }
    }

    func look(at directory: String) async throws -> SupportListing {
        try await pool.run("list the state directory", deadline: .after(Self.patience)) {
            var listing = SupportListing(found: [try Self.found(directory, [])], isCut: false)
            Self.list(directory, [], &listing)
            return listing
        }
    }

    func compress(_ bytes: [UInt8]) async throws -> [UInt8]? {
        let search = variables["PATH"] ?? "/usr/bin:/bin"
        return try await pool.run("compress the bundle", deadline: .after(.seconds(30))) {
            let programs = search.split(separator: ":").map { "\($0)/gzip" as String }
            let program = programs.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
            guard let program else { return nil }
            let outcome = try ChildProcess.run(
                ChildCommand(executable: program, arguments: ["-n", "-c"]), input: bytes,
                limits: ChildLimits(deadline: .after(.seconds(20)), maximumOutput: Self.maximumArchive))
            // A program of that name that does something else is none.
            return outcome.isSuccess && outcome.output.starts(with: [0x1F, 0x8B]) ? outcome.output : nil
        }
    }

    func create(_ path: String, _ bytes: [UInt8]) async throws {
        do {
            try await pool.run("write the bundle", deadline: .after(.seconds(30))) { try Self.write(path, bytes) }
        } catch let error as SystemError where error.code == .alreadyExists {
            throw CommandError(.notFound, "There is a file of that name already, and it stays as it is. Name another.")
        }
    }

    // MARK: Blocking parts

    private static func system() -> JSONObject {
        var names = utsname()
        guard uname(&names) == 0 else { return JSONObject() }
        func text<Field>(_ field: Field) -> JSONValue {
            withUnsafeBytes(of: field) { .string(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
        }
        return JSONObject([
            ("system", text(names.sysname)), ("release", text(names.release)), ("machine", text(names.machine)),
        ])
    }

    private static func distribution() -> JSONObject {
        var object = JSONObject()
        do throws(SystemError) {
            let file = try FileReader.read("/etc/os-release", maximum: .kibibytes(64)).text
            for line in file.split(separator: "\n") {
                for name in ["ID", "VERSION_ID"] where line.hasPrefix("\(name)=") {
                    object[name.lowercased()] = .string(line.dropFirst(name.count + 1).filter { $0 != "\"" })
                }
            }
        } catch {
            // Systems without the file say less.
        }
        return object
    }

    private static func openFiles() -> JSONValue {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return .null }
        func number(_ value: rlim_t) -> JSONValue { .number(Int64(clamping: value)) }
        return ["soft": number(limit.rlim_cur), "hard": number(limit.rlim_max)]
    }

    private static func list(_ directory: String, _ path: [String], _ listing: inout SupportListing) {
        let entries: [Directory.Entry]
        do throws(SystemError) {
            entries = try Directory.list(directory)
        } catch {
            listing.found[listing.found.count - 1].failure = error.code.rawValue
            return
        }
        for entry in entries {
            guard listing.found.count < maximumEntries else {
                listing.isCut = true
                return
            }
            let full = PathText.join(directory, entry.name)
            do throws(SystemError) {
                listing.found.append(try found(full, path + [entry.name]))
            } catch {
                // It went while we looked.
                continue
            }
            guard listing.found.last?.kind == FileIdentity.Kind.directory.rawValue else { continue }
            if path.count + 1 < maximumDepth {
                list(full, path + [entry.name], &listing)
            } else {
                listing.isCut = true
            }
        }
    }

    private static func found(_ full: String, _ path: [String]) throws(SystemError) -> StateDigest.Found {
        let identity = try FileIdentity.of(full, followsLinks: path.isEmpty)
        return StateDigest.Found(
            path: path, kind: identity.kind.rawValue, mode: identity.mode, isOwn: identity.uid == geteuid(),
            size: identity.size, modified: Timestamp(milliseconds: identity.modified / 1_000_000))
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        BlockingContext.assertAllowed()
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw SystemError(.current, while: "make the file") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { store(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw discarded(path, .current) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw discarded(path, .current) }
    }

    /// The system's `write`, which this type's own hides.
    private static func store(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Half a bundle is none.
    private static func discarded(_ path: String, _ failure: ErrorNumber) -> SystemError {
        unlink(path)
        return SystemError(failure, while: "write the file")
    }
}
