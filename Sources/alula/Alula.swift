import AlulaCLI
import AlulaGateway
import AlulaSystem
import AlulaWarmWorker

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The one program: the gateway, its commands, and its worker.
@main
enum Alula {
    static let version = "0.1.0"

    static func main() async {
        forgoMemoryImages()
        // Decided before anything else is touched: the worker stays small and starts no concurrency.
        if CommandLine.arguments.dropFirst().first == WarmWorkerMain.argument {
            WarmWorkerMain.run(reader: CredentialReaders.facts)
        }
        Heap.returnLargeBlocks()
        signal(SIGPIPE, SIG_IGN)
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        let directory = getcwd(nil, 0).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let environment = CommandEnvironment.live(
            variables: variables, currentDirectory: directory ?? "/", version: version)
        let status = await CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), in: environment)
        exit(status.rawValue)
    }

    /// A crash must not write down what is in memory, which is credentials at times. Programs that this one starts may ask for
    /// images again.
    private static func forgoMemoryImages() {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        #else
        let resource = RLIMIT_CORE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = 0
        // Lowering one's own limit is never refused.
        _ = setrlimit(resource, &limit)
    }
}
