import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The load generator `wrk`, where it is installed: it costs so little that it shows how much a server can do.
enum WrkRun {
    private static let program = "/usr/bin/wrk"

    /// Answers a second, measured by one thread with so many connections; `nil` where there is no `wrk`.
    ///
    /// - Throws: ``BenchmarkError`` when an answer was an error: it looks at no more than their status.
    static func perSecond(
        _ target: ChatTarget, connections: Int, seconds: Int, scratch: String
    ) throws -> Double? {
        guard access(program, X_OK) == 0 else { return nil }
        let (script, output) = ("\(scratch)/wrk.lua", "\(scratch)/wrk.log")
        let text = """
            wrk.method = "POST"
            wrk.body = [[\(target.body("question by wrk"))]]
            wrk.headers["content-type"] = "application/json"
            wrk.headers["authorization"] = "Bearer \(target.key)"
            """
        try TextFile.write(text, to: script)
        try TextFile.write("", to: output)
        let child = try ChildProgram(
            path: program,
            arguments: [
                "-t1", "-c\(connections)", "-d\(seconds)s", "-s", script,
                "http://127.0.0.1:\(target.port)\(target.path)",
            ], environment: [:], output: output)
        guard child.waitForExit(deadline: .now.advanced(byMilliseconds: Double(seconds) * 1000 + 15_000)),
            let lines = TextFile.read(output)?.split(separator: "\n")
        else { throw BenchmarkError(.timedOut, "wrk did not end.") }
        if let errors = lines.first(where: { $0.contains("Non-2xx") || $0.contains("Socket errors") }) {
            throw BenchmarkError(.refused, "wrk at \(target.name): \(errors)")
        }
        let rate = lines.first { $0.contains("Requests/sec:") }?.split(separator: " ").last.flatMap { Double($0) }
        guard let rate else { throw BenchmarkError(.malformedAnswer, "wrk said nothing about its rate.") }
        return rate
    }
}
