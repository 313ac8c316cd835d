import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What happens to a program that runs under the shim of `Tests/CallShim`.
enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// It is killed before its change of that number.
    case killedBefore(Int)
    /// It is killed so many nanoseconds after its first change.
    case killedAfter(nanoseconds: Int)
    /// The disk is full from its write of that number on.
    case fullDisk(fromWrite: Int)
    /// Half of what its write of that number brings is taken.
    case shortWrite(Int)
    /// Its flush of that number fails.
    case brokenFlush(Int)

    var isKill: Bool {
        switch self {
        case .killedBefore, .killedAfter: true
        case .fullDisk, .shortWrite, .brokenFlush: false
        }
    }

    var description: String {
        switch self {
        case .killedBefore(let number): "kill:\(number)"
        case .killedAfter(let nanoseconds): "after:\(nanoseconds)"
        case .fullDisk(let number): "full:\(number)"
        case .shortWrite(let number): "short:\(number)"
        case .brokenFlush(let number): "broken:\(number)"
        }
    }
}

/// The library that watches a program's calls, built once for each run of the tests.
enum CallShim {
    /// The variables with which a program is watched.
    static func variables(directory: String, trace: String, fault: Fault?) throws -> [String: String] {
        var variables = [
            "LD_PRELOAD": try library.get(), "ALULA_SHIM_DIRECTORY": directory, "ALULA_SHIM_TRACE": trace,
        ]
        if let fault { variables["ALULA_SHIM_FAULT"] = "\(fault)" }
        return variables
    }

    private static let library = Result { try build() }

    /// Beside the tests, so that it goes with them.
    private static func build() throws -> String {
        let directory = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/CallShim"
        let sources = ["call_shim.c", "hang_and_tap.c"].map { "\(directory)/\($0)" }
        let library = Installation.program.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/call-shim.so"
        let fresh = "\(library).\(getpid())"
        var complaints = "There is no C compiler."
        for compiler in compilers where access(compiler, X_OK) == 0 {
            let command = ChildCommand(
                executable: compiler,
                arguments: ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", fresh] + sources + ["-ldl"],
                environment: ["PATH": path])
            let outcome = try BlockingContext.permit {
                try ChildProcess.run(command, limits: ChildLimits(deadline: .after(.seconds(60))))
            }
            if outcome.isSuccess {
                try #require(rename(fresh, library) == 0)
                return library
            }
            complaints = String(decoding: outcome.errorOutput, as: UTF8.self)
        }
        throw SystemError(.cannotStart, "The shim can't be built. \(complaints)")
    }

    private static var path: String { getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin" }

    private static var compilers: [String] {
        path.split(separator: ":").flatMap { directory in ["cc", "clang", "gcc"].map { "\(directory)/\($0)" } }
    }
}

/// One call that the shim saw.
struct TracedCall: Sendable {
    enum Name: String {
        // Changes.
        case create, open, openTemporary, truncate, write, flush, close, rights, rename, exchange, link, unlink, mkdir
        // What else is told.
        case connect, spawn, start, hang
    }

    let process: Int32
    /// The number of the change in its process; 0 for what changes no file.
    let number: Int
    let name: Name
    let inode: UInt64
    let path: String
    let second: String
    let result: Int
    let failure: Int32

    var succeeded: Bool { result >= 0 }

    /// The calls of a trace file, in order.
    static func parse(_ text: String) throws -> [TracedCall] {
        try text.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 8, "\(line)")
            return TracedCall(
                process: try #require(Int32(fields[0])), number: try #require(Int(fields[1])),
                name: try #require(Name(rawValue: fields[2]), "\(line)"), inode: try #require(UInt64(fields[3])),
                path: fields[4], second: fields[5], result: try #require(Int(fields[6])),
                failure: try #require(Int32(fields[7])))
        }
    }
}
