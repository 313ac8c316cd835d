import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Room that is taken before anybody knows for what.
struct ReservedFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func content(_ name: String) throws -> [UInt8]? {
        try BlockingContext.permit { try ReservedFile.content(of: directory(name), maximum: .kibibytes(64)) }
    }

    @Test func holdsNothingUntilItIsFilled() throws {
        #expect(try content("r") == nil)
        let file = try BlockingContext.permit { try ReservedFile.reserve(directory("r"), room: .kibibytes(8)) }
        #expect(try content("r") == [])
        try BlockingContext.permit { try file.fill(Array("kept".utf8)) }
        #expect(try content("r") == Array("kept".utf8))
        var status = stat()
        #expect(stat(directory("r"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(status.st_size == 8192)
    }

    @Test func replacesWhatIsThereAndNothingBehindALink() throws {
        try directory.write("other", "untouched")
        #expect(symlink(directory("other"), directory("r")) == 0)
        let file = try BlockingContext.permit { try ReservedFile.reserve(directory("r"), room: .kibibytes(1)) }
        try BlockingContext.permit { try file.fill([1]) }
        #expect(try content("r") == [1])
        #expect(try directory.text("other") == "untouched")
    }

    @Test func moreThanWasReservedIsRefused() throws {
        let file = try BlockingContext.permit { try ReservedFile.reserve(directory("r"), room: ByteCount(bytes: 2)) }
        let error = #expect(throws: SystemError.self) { try BlockingContext.permit { try file.fill([1, 2, 3]) } }
        #expect(error?.code == .tooLarge)
        #expect(try content("r") == [])
    }

    @Test func whatCantBeReservedLeavesNothing() throws {
        let missing = #expect(throws: SystemError.self) {
            try BlockingContext.permit { try ReservedFile.reserve(directory("none/r"), room: .kibibytes(1)) }
        }
        #expect(missing?.code == .notFound)
        // More than any disk has.
        let full = #expect(throws: SystemError.self) {
            try BlockingContext.permit { try ReservedFile.reserve(directory("r"), room: ByteCount(bytes: 1 << 60)) }
        }
        #expect(full?.code == .noSpace || full?.code == .tooLarge)
        #expect(try directory.names == [])
    }
}
