/// A credential's text, in memory only.
///
/// It can't be printed, logged, encoded, interpolated with effect or compared by accident: every description is
/// a placeholder, there is no `Equatable`, `Hashable` or `Encodable` conformance, and mirrors see no children. Who
/// needs the text says so with ``exposed``, which is easy to search for.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The placeholder that stands wherever a secret was about to be shown.
    package static let placeholder = "[secret]"

    private let storage: Storage

    /// Wraps `text`, whose copy the caller should drop.
    package init(_ text: String) { storage = Storage(text) }

    /// The text itself. Every use is a place where a secret leaves this type.
    package var exposed: String { storage.text }

    /// Whether no usable character is left after ``normalised``.
    package var isBlank: Bool { normalised.storage.text.isEmpty }

    /// This secret as it is sent: without line ends, without code points above U+00FF, trimmed.
    package var normalised: Secret {
        // As a rule there is nothing to leave out.
        if storage.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return self }
        var kept = String.UnicodeScalarView()
        for scalar in storage.text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x2028, 0x2029: continue
            case 0x100...: continue
            default: kept.append(scalar)
            }
        }
        return Secret(String(kept).trimmed())
    }

    /// Whether both hold the same bytes, in time that depends on the lengths alone.
    package func matches(_ other: Secret) -> Bool {
        let mine = Array(storage.text.utf8)
        let theirs = Array(other.storage.text.utf8)
        var difference = mine.count ^ theirs.count
        for index in mine.indices {
            difference |= Int(mine[index] ^ (theirs.isEmpty ? 0xFF : theirs[index % theirs.count]))
        }
        return difference == 0
    }

    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    /// A class, so that copies share one buffer and no `String` member shows in a dump.
    private final class Storage: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
