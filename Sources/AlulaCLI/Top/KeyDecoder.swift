/// Tells keys from what a terminal sends for them. What arrow keys, the mouse or a pasted text send is no key of ours.
struct KeyDecoder {
    enum Key: Hashable {
        case quit
        case redraw
    }

    private enum Place {
        case text
        case afterEscape
        case sequence
        case oneMore
    }

    private var place = Place.text

    /// - Parameter byte: The next one of the terminal.
    mutating func take(_ byte: UInt8) -> Key? {
        switch (place, byte) {
        case (_, 0x1B): place = .afterEscape
        case (.afterEscape, UInt8(ascii: "[")): place = .sequence
        case (.afterEscape, UInt8(ascii: "O")): place = .oneMore
        case (.afterEscape, _), (.oneMore, _): place = .text
        case (.sequence, 0x40...0x7E): place = .text
        case (.sequence, _): break
        // Control-C arrives as a byte where the terminal does not make a signal of it.
        case (.text, UInt8(ascii: "q")), (.text, UInt8(ascii: "Q")), (.text, 3): return .quit
        case (.text, UInt8(ascii: " ")), (.text, 12): return .redraw
        case (.text, _): break
        }
        return nil
    }
}
