import AlulaPrimitives
import AlulaSystem
import Foundation
import Testing

@testable import AlulaCLI

struct SystemFileInspectorTests {
    private let inspector = SystemFileInspector(pool: BlockingPool())

    @Test func tellsWhatAPathIs() async throws {
        let root = NSTemporaryDirectory() + "alula-inspector-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data("12345".utf8).write(to: URL(fileURLWithPath: root + "/file"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: root + "/file")

        let file = try #require(try await inspector.inspect(root + "/file"))
        #expect(file == FileInspection(kind: .file, mode: 0o640, isOwn: true, size: 5))
        #expect(file.isReadableByOthers)
        #expect(!file.isWritableByOthers)
        #expect(try await inspector.inspect(root)?.kind == .directory)
        #expect(try await inspector.inspect(root + "/nothing") == nil)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func tellsWhetherAPortIsTaken() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = getsockname(listener, $0, &length)
            }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        #expect(await inspector.isPortInUse(port) == false)
        #expect(listen(listener, 4) == 0)
        #expect(await inspector.isPortInUse(port))
        #expect(await inspector.isPortInUse(0) == false)
    }

    @Test func knowsTheLimitsOfLinux() async {
        #if os(Linux)
        let limits = await inspector.watchLimits()
        #expect(limits.map { $0.watches > 1 && $0.instances > 1 } ?? false)
        #endif
    }
}
