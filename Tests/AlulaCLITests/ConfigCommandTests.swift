import AlulaJSON
import AlulaState
import Testing

@testable import AlulaCLI

struct ConfigCommandTests {
    private static let current: JSONValue = [
        "hash": "h1", "resolved": ["gateway": ["port": 18_789]], "config": ["gateway": ["port": 18_789]],
    ]

    private func scene(failing failures: [CommandError] = []) -> CommandScene {
        CommandScene {
            $0.localAnswers = ["config.get": Self.current, "config.patch": ["ok": true]]
            $0.failures = ["config.patch": failures]
        }
    }

    private static let stale = CommandError(.requestRefused, "In other words.", detailCode: "config-changed")

    @Test func readsAgainWhenTheConfigurationIsAnotherByNow() async {
        let scene = scene(failing: [Self.stale, Self.stale])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .done)
        #expect(scene.asked == Array(repeating: ["config.get", "config.patch"], count: 3).flatMap { $0 })
        #expect(scene.lastParameters == ["raw": #"{"gateway":{"port":19000}}"#, "baseHash": "h1"])
    }

    @Test func givesUpAfterThreeTimes() async {
        let scene = scene(failing: [Self.stale, Self.stale, Self.stale])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .no)
        #expect(scene.terminal.errors.contains("In other words."))
    }

    @Test func goesByTheCodeAndNotByTheText() async {
        let scene = scene(failing: [CommandError(.requestRefused, "config changed since last load")])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .no)
        #expect(scene.asked == ["config.get", "config.patch"])
    }
}
