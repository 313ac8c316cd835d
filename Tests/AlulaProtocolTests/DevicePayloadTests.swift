import AlulaJSON
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaProtocol

struct DevicePayloadTests {
    private let now = DeviceScene.now

    private var book: DeviceBook {
        get throws {
            let minting = CountedMinting().minting
            var book = DeviceBook()
            let paired = try DeviceScene().with { $0.family = "Mac" }
            _ = book.arrived(try paired.with { $0.isDirectLocal = true }.arrival(), at: now, minting: minting)
            _ = book.arrived(try DeviceScene(2).arrival(), at: now, minting: minting)
            return book
        }
    }

    /// What a running gateway of the reference answered or sent.
    private func recorded(_ member: String, _ name: String) throws -> Shape {
        for line in try #require(Fixture("device-shapes.jsonl").text).split(separator: "\n") {
            let recording = try JSONValue.parse(Array(line.utf8), maximumDepth: 64)
            if recording[member]?.string == name { return Shape(value: try #require(recording["payload"])) }
        }
        throw NotRecorded(name: name)
    }

    private struct NotRecorded: Error { let name: String }

    @Test func listsInTheRecordedShapeAndWithoutTokens() throws {
        let book = try book
        let payload = book.payload
        #expect(try recorded("method", "device.pair.list").differences(in: payload) == [])
        #expect(!payload.text().contains("fake-device-token"))
        #expect(payload["paired"]?.array?.first?["tokens"]?.array?.count == 1)
    }

    @Test func eventsHaveTheRecordedShape() throws {
        let book = try book
        let request = try #require(book.requests.values.first)
        let requested = try #require(DeviceBook.News.requested(request).event)
        #expect(requested.name == "device.pair.requested")
        #expect(try recorded("event", "device.pair.requested").differences(in: requested.payload) == [])
        let resolved = try #require(
            DeviceBook.News.resolved(requestID: "request", device: "device", isApproved: false, at: now).event)
        #expect(resolved.payload["decision"] == "rejected")
        #expect(try recorded("event", "device.pair.resolved").differences(in: resolved.payload) == [])
        #expect(DeviceBook.News.withdrawn("device", role: nil, reason: .removed).event == nil)
    }

    @Test func onlyTheDeviceItselfIsToldItsToken() throws {
        let token = try #require(try book.devices.values.first?.usableToken(for: .operator))
        #expect(token.issued["deviceToken"]?.string == token.token.exposed)
        #expect(token.summary["token"] == nil)
        #expect("\(token)".contains(token.token.exposed) == false)
    }
}
