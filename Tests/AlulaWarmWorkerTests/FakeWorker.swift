import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

@testable import AlulaWarmWorker

/// A worker in a shell script, which says what the test wants.
struct FakeWorker {
    static let plan = GatherPlan(items: [.store(1), .login(.codex, path: "/home/ada/.codex/auth.json")])
    static let readings = plan.items.map(\.absent)

    /// What a worker says that has understood everything.
    static let hello = say(WorkerHello(pid: 1).frame)
    static let takeRequest = "cat >/dev/null"
    static let done = say(done(count: 2))
    static let answer = say(readings)
    static let good = [hello, takeRequest, answer, done].joined(separator: "\n")

    /// A client of `/bin/sh` with this script.
    static func client(_ script: String) -> WarmWorkerClient {
        WarmWorkerClient(executable: "/bin/sh", arguments: ["-c", script])
    }

    /// The same with another patience than the product's.
    static func client(_ script: String, patience: Duration) -> WarmWorkerClient {
        let command = ChildCommand(
            executable: "/bin/sh", arguments: ["-c", script], environment: WarmWorkerClient.environment,
            workingDirectory: "/")
        return WarmWorkerClient(command: command, startLimit: .seconds(60), patience: patience) {
            (command) throws(SystemError) in try ChildSession(command)
        }
    }

    static func done(generation: Int64 = 1, count: Int) -> JSONValue {
        WorkerDone(generation: generation, count: count, cpuMs: 12.5).factJSON
    }

    static func say(_ readings: [SourceReading]) -> String { say(["readings": readings.factJSON]) }

    static func say(_ json: JSONValue) -> String {
        let content = json.serialized()
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: content.count >> $0) }
        return say(length + content)
    }

    /// The command that says these bytes.
    static func say(_ bytes: [UInt8]) -> String {
        let text = bytes.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "printf '\(text.joined())'"
    }

    /// Without its last bytes.
    static func sayHalf(_ json: JSONValue) -> String {
        let content = json.serialized()
        return say([0, 0, 0, UInt8(content.count)] + content.prefix(content.count / 2))
    }
}
