package import AlulaAuth
import AlulaSystem
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The whole program of a worker process.
package enum WarmWorkerMain {
    /// The argument that makes this program a worker. It is no command for people.
    package static let argument = "__warm-worker"

    /// Answers one request on the standard streams and ends the process.
    ///
    /// To be called first thing on the main thread: no Swift concurrency runs in a worker. The process is ended by the
    /// kernel together with the parent's thread that started it. Exit status: ``WarmWorkerSession/Ending``.
    package static func run(reader: any FactReading) -> Never {
        BlockingContext.mark()
        // Where the kernel refuses, the end of the input and the closed output still end the worker.
        _ = alula_set_parent_death_signal(SIGKILL)
        // Reading may take a little longer; whoever is served by the gateway beside it may not. A refusal costs nothing.
        _ = nice(5)
        let session = WarmWorkerSession(input: STDIN_FILENO, output: STDOUT_FILENO, reader: reader)
        let (ending, message) = session.run()
        if let message {
            let line = Array("alula warm worker: \(message)\n".utf8)
            _ = line.withUnsafeBytes { alula_write_quietly(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
        // Without handlers and destructors: threads may hang in a read for ever.
        _exit(ending.rawValue)
    }
}
