import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct DeviceProofTests {
    private func fault(of arrival: DeviceArrival, at now: Timestamp = DeviceScene.now) -> DeviceProof.Failure? {
        DeviceProof(using: DeviceScene.cryptography).failure(of: arrival, at: now)
    }

    @Test(arguments: SignedConnect.Version.allCases)
    func believesBothVersionsOfTheSignature(_ version: SignedConnect.Version) throws {
        let scene = try DeviceScene().with {
            $0.version = version
            $0.family = " Mac "
            $0.platform = "MacOS 26.1"
            $0.scopes = [.write, .read, .unknown("operator.later"), .write]
            $0.token = Secret("fake-token")
        }
        #expect(fault(of: try scene.arrival()) == nil)
    }

    @Test func refusesTheFirstVersion() throws {
        let scene = try DeviceScene()
        let text = scene.signedText.split(separator: "|", omittingEmptySubsequences: false)
        let old = (["v1"] + text[1..<8]).joined(separator: "|")
        let claim = try scene.claim(signing: old)
        #expect(fault(of: try scene.arrival { $0 = claim.object ?? $0 }) == .signatureInvalid)
    }

    @Test(
        arguments: [
            ("shared", nil, nil), (nil, "device", nil), (nil, nil, "bootstrap"), ("shared", "device", "bootstrap"),
            (nil, nil, nil),
        ] as [(String?, String?, String?)])
    func signsTheFirstSecretThatIsShown(_ token: String?, _ deviceToken: String?, _ bootstrap: String?) throws {
        let scene = try DeviceScene().with {
            $0.token = token.map { Secret($0) }
            $0.deviceToken = deviceToken.map { Secret($0) }
            $0.bootstrapToken = bootstrap.map { Secret($0) }
        }
        #expect(fault(of: try scene.arrival()) == nil)
        let other = try scene.arrival { $0 = (try? scene.claim(signing: scene.signedText + "x"))?.object ?? $0 }
        #expect(fault(of: other) == .signatureInvalid)
    }

    @Test(arguments: [-120_000, -1, 0, 1, 120_000] as [Int64])
    func allowsClocksToDiffer(_ skew: Int64) throws {
        let signedAt = Timestamp(milliseconds: DeviceScene.now.milliseconds + skew)
        #expect(fault(of: try DeviceScene().with { $0.signedAt = signedAt }.arrival()) == nil)
    }

    @Test(arguments: [0, 1_779_999_879_999, 1_780_000_120_001, .max] as [Int64])
    func refusesStaleSignatures(_ time: Int64) throws {
        let scene = try DeviceScene().with { $0.signedAt = Timestamp(milliseconds: time) }
        #expect(fault(of: try scene.arrival()) == .signatureStale)
    }

    /// What is wrong, how the claim is changed, and what is said. Everything but that is right.
    @Test(
        arguments: [
            ("id", "0000", .identityMismatch), ("id", "", .identityMismatch),
            ("publicKey", "!!", .identityMismatch), ("publicKey", "AAAA", .identityMismatch),
            ("nonce", " ", .nonceMissing), ("nonce", "nonce-of-another-connection", .nonceMismatch),
            ("signature", "", .signatureInvalid), ("signature", "AAAA", .signatureInvalid),
            ("signature", "not base 64!", .signatureInvalid),
            ("signature", .init(repeating: "A", count: 86), .signatureInvalid),
        ] as [(String, String, DeviceProof.Failure)])
    func saysWhatIsWrong(_ member: String, _ value: String, _ failure: DeviceProof.Failure) throws {
        let arrival = try DeviceScene().arrival { $0[member] = .string(value) }
        #expect(fault(of: arrival) == failure)
    }

    @Test func refusesAKeyThatIsNoPointOfTheCurve() throws {
        let none = DeviceCryptography(digest: DeviceScene.cryptography.digest, verifies: { _, _, _ in nil })
        #expect(
            DeviceProof(using: none).failure(of: try DeviceScene().arrival(), at: DeviceScene.now) == .publicKeyInvalid)
    }

    @Test func reportsTheFirstOfSeveralFaults() throws {
        let scene = try DeviceScene().with {
            $0.nonce = "other"
            $0.signedAt = Timestamp(milliseconds: 0)
        }
        #expect(fault(of: try scene.arrival { $0["id"] = "00" }) == .identityMismatch)
        #expect(fault(of: try scene.arrival { $0["signature"] = "AA" }) == .signatureStale)
        let fresh = scene.with { $0.signedAt = DeviceScene.now }
        #expect(fault(of: try fresh.arrival { $0["signature"] = "AA" }) == .nonceMismatch)
    }

    /// A recorded `connect` is worth nothing on another connection, nor later on.
    @Test func refusesReplays() throws {
        let recorded = try DeviceScene().arrival()
        #expect(fault(of: recorded) == nil)
        var elsewhere = recorded
        elsewhere.nonce = "nonce-of-the-next-connection"
        #expect(fault(of: elsewhere) == .nonceMismatch)
        #expect(fault(of: recorded, at: DeviceScene.now.advanced(by: .seconds(121))) == .signatureStale)
        var withoutChallenge = recorded
        withoutChallenge.nonce = ""
        #expect(fault(of: withoutChallenge) == .nonceMismatch)
    }

    /// Every word that was signed counts: changing one on the way breaks the signature.
    @Test(arguments: SignedConnect.Version.allCases)
    func bindsWhatWasSigned(_ version: SignedConnect.Version) throws {
        let scene = try DeviceScene().with {
            $0.version = version
            $0.scopes = [.read, .write]
            $0.token = Secret("fake-token")
        }
        let changes: [(inout DeviceArrival) -> Void] = [
            { $0.role = .node }, { $0.scopes = [.write, .read] }, { $0.scopes = [.read] },
            { $0.token = Secret("fake-other") }, { $0.token = nil },
            { $0.client = scene.with { $0.kind = .commandLine }.client },
            { $0.client = scene.with { $0.mode = .backend }.client },
        ]
        for change in changes {
            var arrival = try scene.arrival()
            change(&arrival)
            #expect(fault(of: arrival) == .signatureInvalid)
        }
        var other = try scene.arrival()
        other.client = scene.with { $0.platform = "windows" }.client
        #expect(fault(of: other) == (version == .three ? .signatureInvalid : nil))
    }
}

struct DevicePublicKeyTests {
    private static let bytes = (0..<32).map { UInt8($0 * 7 & 0xFF) }
    private static let text = Base64Text.encoded(bytes)

    @Test func readsEverySpelling() throws {
        let information = Base64Text.encoded([0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 3, 0x21, 0] + Self.bytes)
        let classic = Self.text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let spellings = [
            Self.text, " \(Self.text)\n", Self.text + "=", String(classic) + "=",
            "-----BEGIN PUBLIC KEY-----\n\(information)\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\r\n\(information)\r\n-----END PUBLIC KEY-----",
        ]
        for spelling in spellings {
            let key = try #require(DevicePublicKey(spelling))
            #expect(key.bytes == Self.bytes)
            #expect(key.text == Self.text)
        }
    }

    @Test(
        arguments: [
            "", "=", "A", "AAAA", "\u{0}", String(text.dropLast()), text + "A", text + "==",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----", String(repeating: "A", count: 100_000),
        ])
    func refusesOthers(_ text: String) { #expect(DevicePublicKey(text) == nil) }

    @Test func readsBackAnyBytes() {
        for count in 0...66 {
            let bytes = (0..<count).map { UInt8(($0 * 37 + count) & 0xFF) }
            #expect(Base64Text.decoded(Base64Text.encoded(bytes), maximumBytes: 66) == bytes)
        }
        #expect(Base64Text.decoded("AAAA", maximumBytes: 2) == nil)
        #expect(Base64Text.decoded("AA=A", maximumBytes: 9) == nil)
    }
}
