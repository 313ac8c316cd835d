import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct TemporaryDirectoriesTests {
    @Test func isNewAndItsOwnersAlone() throws {
        let parent = try TemporaryDirectory()
        let made = try BlockingContext.permit { try Directory.makeTemporary(in: parent.path, prefix: "x-") }
        #expect(made.hasPrefix("\(parent.path)/x-"))
        #expect(try BlockingContext.permit { try FileIdentity.of(made) }.mode & 0o777 == 0o700)
    }

    @Test func removingEverythingFollowsNoLink() throws {
        let parent = try TemporaryDirectory()
        let kept = try parent.write("kept", "text")
        let doomed = parent("doomed")
        try BlockingContext.permit { try Directory.make("\(doomed)/a/b") }
        try parent.write("doomed/a/file", "text", mode: 0o400)
        #expect(symlink(parent.path, "\(doomed)/a/link") == 0)
        try BlockingContext.permit { try Directory.removeAll(doomed) }
        #expect(try parent.names == ["kept"])
        #expect(try parent.text("kept") == "text")
        #expect(access(kept, F_OK) == 0)
    }
}
