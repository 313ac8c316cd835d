import AlulaJSON
import AlulaProtocol
import Testing

@testable import AlulaCLI

struct DevicesCommandTests {
    private static let request: JSONValue = [
        "requestId": "request-1", "deviceId": "aa11", "publicKey": "key", "platform": "ios", "clientId": "openclaw-ios",
        "role": "operator", "roles": ["operator"], "scopes": ["operator.read", "operator.write"],
        "remoteIp": "192.0.2.7", "silent": false, "isRepair": true, "ts": 1_779_999_940_000,
    ]
    private static let device: JSONValue = [
        "deviceId": "bb22", "publicKey": "key", "displayName": "Desk \u{1B}[31m", "roles": ["node", "operator"],
        "scopes": ["operator.admin"], "createdAtMs": 1_779_999_000_000, "approvedAtMs": 1_779_999_000_000,
        "tokens": [
            ["role": "node", "scopes": [], "createdAtMs": 1, "revokedAtMs": 2],
            ["role": "operator", "scopes": [], "createdAtMs": 1, "lastUsedAtMs": 1_779_999_880_000],
        ],
    ]
    private static let list: JSONValue = ["pending": [request], "paired": [device]]

    private func scene(_ method: String, _ answer: JSONValue) -> CommandScene {
        CommandScene { $0.localAnswers[method] = answer }
    }

    @Test func listShowsWhoWaitsAndWhoIsPaired() async {
        let scene = scene("device.pair.list", Self.list)
        #expect(await scene.run("devices") == .done)
        #expect(scene.terminal.output.contains("request-1  openclaw-ios on ios  operator"))
        #expect(scene.terminal.output.contains("read write"))
        #expect(scene.terminal.output.contains("aa11 (known)"))
        #expect(scene.terminal.output.contains("node (revoked) operator"))
        // A device names itself; it must not repaint the screen.
        #expect(!scene.terminal.output.contains("\u{1B}"))
    }

    @Test func listPrintsTheAnswerItselfWithJSON() async {
        let scene = scene("device.pair.list", Self.list)
        #expect(await scene.run("devices", "list", "--json") == .done)
        #expect(scene.terminal.document == Self.list)
        let plain = self.scene("device.pair.list", Self.list)
        #expect(await plain.run("devices", "list", "--plain") == .done)
        #expect(plain.terminal.output == "pending\trequest-1\npaired\tbb22\n")
    }

    @Test(
        arguments: [
            ("device.pair.approve", ["approve", "r"], GatewayError.unknownPairingRequest),
            ("device.pair.reject", ["reject", "r"], .unknownPairingRequest),
            ("device.pair.remove", ["remove", "d"], .unknownDevice),
            ("device.token.rotate", ["rotate", "--device", "d"], .unknownDevice),
        ] as [(String, [String], GatewayError)])
    func whoNamesNobodyIsToldWhereTheyAreListed(_ method: String, _ line: [String], _ error: GatewayError) async {
        let scene = CommandScene {
            $0.failures[method] = [CommandError(.requestRefused, "In other words.", detailCode: error.detailCode)]
        }
        #expect(await scene.run(["devices"] + line) == .no)
        #expect(scene.terminal.errors.contains("See them with: alula devices list"))
    }

    @Test func approvesOnlyWhatIsNamed() async {
        for arguments in [[], ["--latest"]] {
            let scene = scene("device.pair.list", Self.list)
            #expect(await CommandLineTool.run(["devices", "approve"] + arguments, in: scene.testEnvironment) == .no)
            #expect(scene.asked == ["device.pair.list"])
            #expect(scene.terminal.output.contains("request-1"))
        }
        let scene = scene("device.pair.approve", ["requestId": "request-1", "device": Self.device])
        #expect(await scene.run("devices", "approve", "request-1") == .done)
        #expect(scene.lastParameters == ["requestId": "request-1"])
        #expect(await scene.run("devices", "approve", "request-1", "--latest") == .usage)
        #expect(await self.scene("device.pair.list", ["pending": []]).run("devices", "approve", "--json") == .no)
    }

    @Test(
        arguments: [
            (["reject", "request-1"], "device.pair.reject", ["requestId": "request-1"]),
            (["remove", "bb22"], "device.pair.remove", ["deviceId": "bb22"]),
            (["rename", "bb22", "Desk"], "device.pair.rename", ["deviceId": "bb22", "label": "Desk"]),
            (
                ["revoke", "--device", "bb22", "--role", "node"], "device.token.revoke",
                ["deviceId": "bb22", "role": "node"]
            ),
            (["rotate", "--device", "bb22"], "device.token.rotate", ["deviceId": "bb22", "role": "operator"]),
            (
                ["rotate", "--device", "bb22", "--scope", "operator.read", "--scope", "operator.write"],
                "device.token.rotate",
                ["deviceId": "bb22", "role": "operator", "scopes": ["operator.read", "operator.write"]]
            ),
        ] as [([String], String, JSONValue)])
    func asksForTheChange(_ arguments: [String], _ method: String, _ parameters: JSONValue) async {
        let answer: JSONValue = ["deviceId": "bb22"]
        for mode in [[], ["--json"]] {
            let scene = scene(method, answer)
            #expect(await CommandLineTool.run(["devices"] + arguments + mode, in: scene.testEnvironment) == .done)
            #expect(scene.asked == [method])
            #expect(scene.lastParameters == parameters)
            if !mode.isEmpty { #expect(scene.terminal.document == answer) }
        }
    }

    @Test func printsANewTokenAloneOnStandardOutput() async {
        let scene = scene("device.token.rotate", ["deviceId": "bb22", "token": "fake-new-token"])
        #expect(await scene.run("devices", "rotate", "--device", "bb22") == .done)
        #expect(scene.terminal.output == "fake-new-token\n")
        let other = self.scene("device.token.rotate", ["deviceId": "bb22"])
        #expect(await other.run("devices", "rotate", "--device", "bb22") == .done)
        #expect(other.terminal.output.contains("when it connects"))
    }

    private func crowd() -> CommandScene {
        CommandScene {
            $0.localAnswers = [
                "device.pair.list": [
                    "paired": [["deviceId": "aa11"], ["deviceId": "bb22"]], "pending": [["requestId": "request-1"]],
                ],
                "device.pair.remove": [:], "device.pair.reject": [:],
            ]
        }
    }

    @Test func clearsOnlyWhenThatIsMeant() async {
        let scene = crowd()
        #expect(await scene.run("devices", "clear") == .usage)
        #expect(scene.asked == [])
        #expect(await scene.run("devices", "clear", "--yes", "--json") == .done)
        #expect(scene.asked == ["device.pair.list", "device.pair.remove", "device.pair.remove"])
        #expect(scene.terminal.document == ["removedDevices": ["aa11", "bb22"], "rejectedPending": []])
    }

    @Test func clearsWhoWaitsAsWellAndGoesOnAfterARefusal() async {
        let scene = crowd()
        scene.fail("device.pair.remove", with: CommandError(.requestRefused, "missing scope: operator.admin"))
        #expect(await scene.run("devices", "clear", "--yes", "--pending") == .no)
        #expect(scene.asked.suffix(3) == ["device.pair.remove", "device.pair.remove", "device.pair.reject"])
        #expect(scene.terminal.output == "Removed 1 device.\nSent 1 away.\n")
        #expect(scene.terminal.errors.contains("aa11: missing scope: operator.admin"))
    }

    @Test func showsTheNameThatWasGiven() {
        #expect(DeviceTables.name(of: ["operatorLabel": "Desk", "displayName": "host-1"]) == "Desk")
    }

    @Test func saysWhenARequestIsUnknown() async {
        let scene = CommandScene()
        #expect(await scene.run("devices", "reject", "request-9") == .no)
        #expect(await scene.run("devices", "revoke") == .usage)
    }
}
