extension JSON5Node {
    /// Whether the node spells `value`, however: the order of members and the spelling of numbers don't matter.
    package func spells(_ value: JSONValue) -> Bool {
        switch (kind, value) {
        case (.null, .null): return true
        case (.bool(let mine), .bool(let theirs)): return mine == theirs
        case (.number(let mine), .number(let theirs)): return mine.isSameNumber(as: theirs)
        case (.string(let mine), .string(let theirs)): return mine.utf8.elementsEqual(theirs.utf8)
        case (.array(let mine), .array(let theirs)):
            return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.spells($1) }
        case (.object(let mine), .object(let theirs)):
            // The last of repeated keys counts.
            let values = Dictionary(mine.map { ($0.key, $0.value) }) { $1 }
            return values.count == theirs.count
                && theirs.allSatisfy { key, value in values[key]?.spells(value) ?? false }
        default: return false
        }
    }
}

extension JSONValue {
    /// Whether both say the same: the order of members and the spelling of numbers don't matter, the bytes of texts do.
    package func isEquivalent(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let mine), .number(let theirs)): return mine.isSameNumber(as: theirs)
        case (.string(let mine), .string(let theirs)): return mine.utf8.elementsEqual(theirs.utf8)
        case (.array(let mine), .array(let theirs)):
            return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let mine), .object(let theirs)):
            return mine.count == theirs.count
                && mine.allSatisfy { key, value in theirs[key].map { value.isEquivalent(to: $0) } ?? false }
        default: return self == other
        }
    }
}

extension JSONNumber {
    /// Whether both mean the same number. Beyond what floating point holds exactly, only the same spelling counts.
    func isSameNumber(as other: JSONNumber) -> Bool {
        if text == other.text { return true }
        let (mine, theirs) = (double, other.double)
        return mine == theirs && mine.magnitude < 0x1p53
    }
}
