import AlulaJSON
import Testing

@testable import AlulaConfiguration

struct ConfigurationSuspicionTests {
    private func all(_ before: (Int, JSONValue), _ after: (Int, JSONValue)) -> [String] {
        ConfigurationSuspicion.all(from: before, to: after).map(\.description)
    }

    @Test func aFileThatShrinksToLessThanHalfIsSuspicious() {
        #expect(all((1000, [:]), (499, [:])) == ["size-drop:1000->499"])
        #expect(all((1000, [:]), (500, [:])) == [])
        #expect(all((511, [:]), (1, [:])) == [])
        #expect(all((512, [:]), (255, [:])) == ["size-drop:512->255"])
    }

    @Test func namesWhatWentAway() {
        #expect(
            all((9, ["gateway": ["mode": "local"], "meta": [:]]), (9, ["gateway": [:]]))
                == ["gateway-mode-removed", "missing-meta-vs-last-good"])
        #expect(all((9, ["ui": [:]]), (9, ["update": ["channel": "beta"]])) == ["update-channel-only-root"])
        #expect(all((9, ["update": ["channel": "beta"]]), (9, ["update": ["channel": "stable"]])) == [])
        #expect(all((9, [:]), (9, ["gateway": ["mode": "local"]])) == [])
    }

    @Test func onlyWhatCouldLoseSomethingRefusesAWholeText() {
        let all: [ConfigurationSuspicion] = [
            .sizeDrop(from: 2, to: 1), .gatewayModeRemoved, .metaRemoved, .updateChannelOnly,
        ]
        #expect(all.map(\.refusesWholeTexts) == [true, true, false, true])
    }
}
