import AlulaGateway
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs the gateway in this process.
struct LiveGatewayRunner: GatewayRunning {
    let variables: [String: String]
    let currentDirectory: String
    let version: String
    let terminal: any Terminal

    func run(_ request: GatewayRunRequest, in context: CommandContext) async throws -> ExitStatus {
        let terminal = terminal
        let choice = PortChoice(
            option: request.port ?? context.port, variables: variables, isDevelopment: context.isDevelopment)
        if request.endsWithInput { try Self.stopWithInput() }
        do {
            try await Gateway.run(
                GatewayRequest(
                    layout: context.layout, variables: variables, currentDirectory: currentDirectory, version: version,
                    port: choice.port, bind: request.bind, auth: request.auth, token: context.token,
                    password: context.password, logLevel: request.logLevel ?? (request.isVerbose ? "debug" : nil),
                    announce: { terminal.write($0 + "\n") }))
            return .done
        } catch let error as GatewayStartError {
            terminal.writeError("alula: \(error.message)\n")
            return switch error.code {
            case .configurationUnreadable, .configurationRefused: .configuration
            case .alreadyRunning, .stateUnusable: .no
            case .portUnavailable: .temporary
            case .ended: .internalError
            }
        }
    }

    /// Starts a thread that waits for the end of standard input and then stops the gateway as a signal would. The thread
    /// ends with the input or with the process.
    private static func stopWithInput() throws(SystemError) {
        try SystemThread.start(name: "input-end") {
            var buffer = [UInt8](repeating: 0, count: 256)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count > 0 || (count < 0 && errno == EINTR) { continue }
                kill(getpid(), SIGTERM)
                return
            }
        }
    }
}
