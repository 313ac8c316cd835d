package import AlulaAuth
package import AlulaPrimitives
import Crypto

extension FactVersion {
    /// The version of a source with these contents, in a fixed order.
    package init(of parts: [[UInt8]]) {
        var hash = SHA256()
        for part in parts {
            // The length keeps a byte that moves from one file to the next from going unnoticed.
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            part.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        self.init(firstBytesOf: hash.finalize())
    }

    /// A digest by which two copies of one credential are recognised, and by which neither can be found.
    ///
    /// It is salted with a fixed word, so that it matches no table of hashes made elsewhere.
    package init(recognising secret: Secret) {
        var hash = SHA256()
        for text in ["alula credential digest 1\u{0}", secret.normalText] {
            Array(text.utf8).withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        self.init(firstBytesOf: hash.finalize())
    }

    private init(firstBytesOf digest: SHA256.Digest) {
        self.init(rawValue: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension Secret {
    private static let plainBytes: ClosedRange<UInt8> = 0x21...0x7E

    /// The normalised text. Tokens are long and nearly all are in that form already, which is quick to see.
    fileprivate var normalText: String {
        let text = exposed
        return text.utf8.allSatisfy(Self.plainBytes.contains) ? text : normalised.exposed
    }

    /// ``isBlank``, quickly for the usual tokens.
    var hasNothing: Bool { !exposed.utf8.contains(where: Self.plainBytes.contains) && isBlank }
}
