import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct TarArchiveTests {
    private static let pool = BlockingPool()

    private func run(_ arguments: String..., input: [UInt8]) async throws -> ChildOutcome {
        let command = ChildCommand(
            executable: "/usr/bin/env", arguments: ["tar"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"])
        return try await Self.pool.run("run tar", deadline: .after(.seconds(30))) {
            try ChildProcess.run(command, input: input, limits: ChildLimits(deadline: .after(.seconds(20))))
        }
    }

    private static func archive(_ entries: [TarArchive.Entry]) -> [UInt8] {
        TarArchive(entries: entries, modified: Timestamp(milliseconds: 1_780_000_000_999)).bytes
    }

    @Test(arguments: [0, 1, 511, 512, 513, 70_000])
    func theMachinesTarReadsBackWhatWasPutIn(size: Int) async throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let long = "d/" + String(repeating: "n", count: TarArchive.maximumName - 2)
        let archive = Self.archive([
            .init(name: "d/first", bytes: bytes), .init(name: long, bytes: Array("second".utf8)),
        ])
        #expect(archive.count % 512 == 0)
        let first = try await run("-xOf", "-", "d/first", input: archive)
        #expect(first.status == .exited(0))
        #expect(first.output == bytes)
        #expect(first.errorOutput == [])
        let second = try await run("-xOf", "-", long, input: archive)
        #expect(second.output == Array("second".utf8))
    }

    @Test func aListingShowsRightsSizeAndTime() async throws {
        let archive = Self.archive([.init(name: "d/a", bytes: [1, 2, 3])])
        let listing = try await run("-tvf", "-", "--numeric-owner", input: archive)
        let words = String(decoding: listing.output, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        #expect(words == ["-rw-------", "0/0", "3", "2026-05-28", "20:26", "d/a"])
    }

    @Test func anArchiveOfNothingIsOneToo() async throws {
        let listing = try await run("-tf", "-", input: Self.archive([]))
        #expect(listing.status == .exited(0))
        #expect(listing.output == [])
    }

    @Test func aChangedHeaderIsNoticed() async throws {
        // Otherwise the sum would prove nothing.
        var archive = Self.archive([.init(name: "d/a", bytes: [1])])
        archive[0] ^= 1
        #expect(try await run("-tf", "-", input: archive).status != .exited(0))
    }
}
