import AlulaPrimitives
import AlulaState
import AlulaSystem
import Synchronization

/// A gateway in a process of its own, started from the program on trial. It ends with the object, or with this process.
final class TrialGateway: Sendable {
    /// The longest that stopping may take.
    private static let stopLimit = Duration.seconds(5)

    private let executable: String
    private let layout: StateLayout
    private let variables: [String: String]
    private let pool: BlockingPool
    private let session = Mutex<ChildSession?>(nil)

    /// - Parameter variables: Its whole environment.
    init(executable: String, layout: StateLayout, variables: [String: String], pool: BlockingPool) {
        self.executable = executable
        self.layout = layout
        self.variables = variables
        self.pool = pool
    }

    var isStarted: Bool { session.withLock { $0 != nil } }

    /// Starts it on a port that the system chooses, and returns once it listens.
    func start(within patience: Duration) async throws -> String {
        // Its input stays open as long as this process lives.
        let command = ChildCommand(
            executable: executable,
            arguments: ["gateway", "run", "--port", "0", "--allow-unconfigured", "--until-input-ends"],
            environment: variables, workingDirectory: "/")
        return try await pool.run("start a gateway", deadline: .after(patience + .seconds(5))) { [self] in
            let child = try ChildSession(command)
            session.withLock { $0 = child }
            var said: [UInt8] = []
            let deadline = Deadline.after(patience)
            while true {
                let bytes = try child.read(deadline: deadline)
                guard !bytes.isEmpty else {
                    throw SelfTestFailure(
                        "The gateway ended before it listened. Start it to see why: alula gateway run")
                }
                said += bytes
                // The first line is said once the port is open.
                guard let end = said.firstIndex(of: 0x0A) else { continue }
                // What follows in brackets and after them is about a token that nobody will need.
                return String(String(decoding: said[..<end], as: UTF8.self).prefix { $0 != "(" }).trimmed()
            }
        }
    }

    /// Where it listens, and what opens it.
    func address() async throws -> (url: String, credential: GatewayCredential?) {
        let (layout, pid) = (layout, session.withLock { $0?.pid })
        return try await pool.run("look for the gateway", deadline: .after(.seconds(10))) {
            guard let url = GatewayAddressFile.read(layout.address, holder: pid) else {
                throw SelfTestFailure("The gateway did not say where it listens.")
            }
            return (url, try GatewayToken.load(layout.token).map { .token($0) })
        }
    }

    /// Tells it to stop, and returns once it has: by itself, in time, and without leaving its lock.
    func stop() async throws -> String {
        guard let child = session.withLock({ $0 }) else { return "nothing to stop" }
        let lock = layout.lock
        return try await pool.run("stop a gateway", deadline: .after(Self.stopLimit + .seconds(10))) {
            switch child.terminate(grace: Self.stopLimit) {
            case .exited(0): break
            case .exited(let code):
                throw SelfTestFailure("The gateway ended with exit code \(code) when it was stopped.")
            case .signalled, .unknown:
                throw SelfTestFailure("The gateway did not stop within \(Self.stopLimit) and was killed.")
            }
            guard try GatewayLock.holder(lock) == nil else {
                throw SelfTestFailure("The gateway has ended, but its lock on the state directory has not.")
            }
            return "stopped in good order"
        }
    }
}
