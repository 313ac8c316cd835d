package import AlulaPrimitives
import AlulaSystem

/// The token by which callers on this machine show that they may read the owner's files.
package enum GatewayToken {
    /// A token with how it was found.
    package struct Found: Sendable {
        package let token: Secret
        /// Whether it was made just now.
        package let isNew: Bool
        /// Whether other users could read it; they no longer can, but it may be known.
        package let wasExposed: Bool
    }

    /// Random bytes in a new token.
    private static let length = 32
    /// A file that is longer holds something else.
    private static let maximum = ByteCount.kibibytes(4)

    /// The token in the file at `path`; `nil` when there is none. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/fileUnusable``.
    package static func load(_ path: String) throws(StateError) -> Secret? {
        do throws(SystemError) {
            return try read(path)?.token
        } catch {
            throw StateError(.fileUnusable, "The gateway's token can't be read.", underlying: error)
        }
    }

    /// The token in the file at `path`, made if there is none. For the gateway, which holds the lock. Blocks the calling
    /// thread.
    ///
    /// - Throws: ``StateError/Code/fileUnusable``.
    package static func loadOrMake(_ path: String) throws(StateError) -> Found {
        do throws(SystemError) {
            if let (token, identity) = try read(path) {
                let wasExposed = identity.mode & 0o077 != 0
                if wasExposed { _ = try DurableFile.replace(path, with: Array("\(token.exposed)\n".utf8)) }
                return Found(token: token, isNew: false, wasExposed: wasExposed)
            }
            try Directory.make(PathText.directory(of: path))
            // The standard generator takes its numbers from the kernel.
            let token = base64URL((0..<length).map { _ in UInt8.random(in: .min ... .max) })
            _ = try DurableFile.replace(path, with: Array("\(token)\n".utf8))
            return Found(token: Secret(token), isNew: true, wasExposed: false)
        } catch {
            throw StateError(.fileUnusable, "The gateway's token can't be read or made.", underlying: error)
        }
    }

    private static func read(_ path: String) throws(SystemError) -> (token: Secret, identity: FileIdentity)? {
        guard let contents = try FileReader.readExisting(path, maximum: maximum) else { return nil }
        let token = Secret(contents.text).normalised
        return token.isBlank ? nil : (token, contents.identity)
    }

    /// Base 64 by RFC 4648, section 5, without padding.
    static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count)) & 63])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }
}
