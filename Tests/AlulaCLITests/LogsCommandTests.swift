import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct LogsCommandTests {
    private static let raw =
        #"{"0":"{\"subsystem\":\"gateway\"}","1":"Started","2":{"port":1},"_meta":{"name":"{\"subsystem\":\"gateway\"}","date":"2026-05-28T20:26:40.000Z","logLevelName":"WARN"},"time":"2026-05-28T22:26:40.000+02:00"}"#

    private static func part(
        _ lines: [String], cursor: Int64 = 10, file: String = "/tmp/a.log", isReset: Bool = false
    ) -> JSONValue {
        [
            "file": .string(file), "cursor": .number(cursor), "size": .number(cursor),
            "lines": .array(lines.map { .string($0) }), "truncated": false, "reset": .bool(isReset),
        ]
    }

    @Test func readsTheReferencesLines() throws {
        let record = try #require(LogRecord(Self.raw))
        #expect(record.time == "2026-05-28T22:26:40.000+02:00")
        #expect(record.level == "warn")
        #expect(record.subsystem == "gateway")
        #expect(record.message == #"Started {"port":1}"#)
        #expect(LogRecord("no JSON") == nil)
        #expect(LogRecord("{}") == nil)
    }

    @Test func showsTimesOnTheWantedClock() {
        let text = "2026-05-28T22:26:40.123+02:00"
        #expect(LogTime.utc.shown(text, isShort: false) { _ in 3600 } == "2026-05-28T20:26:40.123Z")
        #expect(LogTime.local.shown(text, isShort: false) { _ in -5400 } == "2026-05-28T18:56:40.123-01:30")
        #expect(LogTime.asWritten.shown(text, isShort: false) { _ in 0 } == text)
        #expect(LogTime.asWritten.shown(text, isShort: true) { _ in 3600 } == "21:26:40")
        #expect(LogTime.utc.shown("later", isShort: false) { _ in 0 } == "later")
    }

    @Test func readsTheFileWhenNoGatewayRuns() async {
        let scene = CommandScene { $0.logParts = [Self.part([Self.raw, "raw text"])] }
        #expect(await scene.run("logs") == .done)
        #expect(
            scene.terminal.output
                == "2026-05-28T22:26:40.000+02:00 warn gateway Started {\"port\":1}\nraw text\n")
    }

    @Test func printsOneRecordALineForPrograms() async throws {
        let scene = CommandScene { $0.logParts = [Self.part([Self.raw, "raw text"])] }
        #expect(await scene.run("logs", "--json") == .done)
        let records = try scene.terminal.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(records.map { $0["type"]?.string } == ["meta", "log", "raw"])
        #expect(records[1]["message"]?.string == #"Started {"port":1}"#)
        #expect(records[1]["raw"]?.string == Self.raw)
    }

    @Test func asksTheRunningGatewayWithTheLimits() async {
        let scene = CommandScene { state in
            state.running = RunningGateway(url: "ws://127.0.0.1:1", processID: 7)
            state.gatewayAnswers["logs.tail"] = Self.part(["one"])
        }
        #expect(await scene.run("logs", "--limit", "3", "--max-bytes", "100") == .done)
        #expect(scene.terminal.output == "one\n")
        #expect(scene.lastParameters == ["limit": 3, "maxBytes": 100])
    }

    @Test func followingSurvivesARestartOfTheGateway() async {
        let running = RunningGateway(url: "ws://127.0.0.1:1", processID: 7)
        let scene = CommandScene { state in
            state.running = running
            state.gatewayAnswers["logs.tail"] = Self.part(["from the gateway"])
            state.logParts = [Self.part(["from the file"], cursor: 20)]
            state.onPause = { pause, state in
                switch pause {
                case 1:
                    state.gatewayAnswers = [:]
                    state.running = nil
                case 2:
                    state.running = running
                    state.gatewayAnswers["logs.tail"] = Self.part(["again"], cursor: 30)
                default: return false
                }
                return true
            }
        }
        #expect(await scene.run("logs", "--follow") == .done)
        #expect(scene.terminal.output == "from the gateway\nfrom the file\nagain\n")
        #expect(scene.terminal.errors.contains("Reading the log file until it answers."))
        #expect(scene.terminal.errors.contains("The gateway is back."))
        #expect(scene.lastParameters?["cursor"] == 20)
    }

    @Test func aNewFileIsTold() async {
        let scene = CommandScene { state in
            state.logParts = [Self.part(["old"]), Self.part(["new"], file: "/tmp/b.log", isReset: true)]
            state.onPause = { pause, _ in pause < 2 }
        }
        #expect(await scene.run("logs", "-f") == .done)
        #expect(scene.terminal.output == "old\nnew\n")
        #expect(scene.terminal.errors.contains("/tmp/b.log"))
    }

    @Test(arguments: [["--limit", "0"], ["--max-bytes", "2000000"], ["--interval", "1"], ["--utc", "--local-time"]])
    func refusesLimitsThatMakeNoSense(_ flags: [String]) async {
        let scene = CommandScene()
        #expect(await CommandLineTool.run(["logs"] + flags, in: scene.testEnvironment) == .usage)
    }

    @Test func saysWhyThereIsNoLog() async {
        let scene = CommandScene()
        #expect(await scene.run("logs") == .temporary)
        #expect(scene.terminal.errors.contains("There is no log file."))
    }
}
