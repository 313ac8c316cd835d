import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

struct PresenceBookTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private static func entry(_ host: String, at seconds: Int64, instance: String? = nil) -> PresenceEntry {
        PresenceEntry(host: host, mode: "ui", reason: "connect", at: time(seconds), instanceID: instance)
    }

    private static func book() -> PresenceBook {
        PresenceBook(gateway: PresenceEntry(host: "box", mode: "gateway", reason: "self", at: time(0)))
    }

    private static func hosts(_ book: inout PresenceBook, at seconds: Int64) -> [String?] {
        book.entries(at: time(seconds)).map(\.host)
    }

    @Test func theGatewayIsFirstAndTheNewestNext() {
        var book = Self.book()
        book.joined(Self.entry("old", at: 1), connectionID: "a")
        book.joined(Self.entry("new", at: 2), connectionID: "b")
        #expect(Self.hosts(&book, at: 3) == ["box", "new", "old"])
        #expect(book.entries(at: Self.time(3)).first?.payload["ts"] == 3000)
    }

    @Test func whoIsConnectedStaysAndWhoHasGoneIsForgottenAfterFiveMinutes() {
        var book = Self.book()
        book.joined(Self.entry("stays", at: 0), connectionID: "a")
        book.joined(Self.entry("leaves", at: 0), connectionID: "b")
        let isNews = book.left("b", at: Self.time(10))
        #expect(isNews)
        #expect(book.entries(at: Self.time(310)).first { $0.host == "leaves" }?.reason == "disconnect")
        #expect(Self.hosts(&book, at: 311) == ["box", "stays"])
    }

    @Test func anInstanceIsOneHoweverManyConnectionsItHas() {
        var book = Self.book()
        book.joined(Self.entry("page", at: 0, instance: "i"), connectionID: "a")
        book.joined(Self.entry("page", at: 1, instance: "i"), connectionID: "b")
        #expect(Self.hosts(&book, at: 1) == ["box", "page"])
        let (first, second) = (book.left("a", at: Self.time(2)), book.left("b", at: Self.time(3)))
        #expect(!first && second)
        let again = book.left("b", at: Self.time(3))
        #expect(!again)
    }

    @Test func ofTooManyTheOldestThatHaveGoneGoFirst() {
        var book = Self.book()
        for number in 0..<150 {
            book.joined(Self.entry("here \(number)", at: Int64(number)), connectionID: "\(number)")
        }
        for number in 0..<100 {
            book.reported(Self.entry("said \(number)", at: 200, instance: "\(number)"), by: "x")
        }
        let hosts = Set(Self.hosts(&book, at: 201))
        #expect(hosts.count == PresenceBook.maximumEntries + 1)
        #expect(hosts.isSuperset(of: (0..<150).map { "here \($0)" }))
    }
}
