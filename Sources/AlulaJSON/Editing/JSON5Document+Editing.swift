/// Edits replace the bytes of one value, or put one in or take one out. Everything else stays byte for byte: comments,
/// order, indentation, how keys, texts and numbers are spelled, and whether a comma trails.
extension JSON5Document {
    /// The document with `value` at `path`; objects and arrays on the way that are missing are made.
    ///
    /// A value that is spelled there already is left as it is. Where an object or array is replaced by another, what
    /// both have in common stays untouched.
    ///
    /// - Throws: ``JSONError/Code/noSuchPlace`` when something on the way is neither object nor array, or when an array is
    ///   too short; an index one beyond its end appends.
    package func setting(_ value: JSONValue, at path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        try changing(JSON5Change(.set(value), at: path))
    }

    /// The document without what stands at `path`; itself when nothing does. Comments around it stay.
    package func removing(_ path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        try changing(JSON5Change(.remove, at: path))
    }

    /// The document with `value` put in at `path`: as a new member at the end of an object, or before the element that
    /// now has that index, or at the end of an array. A member that is there already is replaced.
    ///
    /// - Throws: ``JSONError/Code/noSuchPlace``, as ``setting(_:at:)`` does; ``JSONError/Code/tooDeep``.
    package func inserting(_ value: JSONValue, at path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        try changing(JSON5Change(.insert(value), at: path))
    }

    /// The document after many changes at once; `nil` takes out what is there. No path lies in another, and elements of
    /// one array are not taken out and put in together.
    ///
    /// - Throws: ``JSONError/Code/noSuchPlace``, as ``setting(_:at:)`` does; ``JSONError/Code/tooDeep``.
    package func editing(
        _ edits: [(path: ConfigurationPath, value: JSONValue?)]
    ) throws(JSONError) -> JSON5Document {
        edits.isEmpty ? self : try changing(JSON5Change(edits))
    }

    /// The document after a merge patch (RFC 7396): objects merge, `null` removes, everything else replaces.
    ///
    /// - Throws: Never for a document whose root is an object.
    package func merging(_ patch: JSONValue, at path: ConfigurationPath = .root) throws(JSONError) -> JSON5Document {
        try changing(JSON5Change(patch.isNull ? .set(patch) : .merge(patch), at: path))
    }

    /// Reads the text anew two times at most, however many changes there are.
    private func changing(_ change: JSON5Change) throws(JSONError) -> JSON5Document {
        let plan = try JSON5EditPlan(change, of: self)
        guard !plan.edits.isEmpty else {
            return plan.insertions.isEmpty ? self : try applying(plan.insertions)
        }
        let document = try applying(plan.edits)
        if plan.insertions.isEmpty { return document }
        let rest = try JSON5EditPlan(change, of: document)
        return try document.applying(rest.insertions)
    }

    private func applying(_ edits: TextEdits) throws(JSONError) -> JSON5Document {
        try JSON5Document(parsing: edits.applied(to: bytes))
    }
}

extension JSON5Document {
    /// The document with other bytes in the place of `ranges`, such as of comments.
    ///
    /// - Throws: ``JSONError`` when the result is no JSON5.
    package func replacing(_ ranges: [(range: Range<Int>, text: [UInt8])]) throws(JSONError) -> JSON5Document {
        guard !ranges.isEmpty else { return self }
        var edits = TextEdits()
        for edit in ranges { edits.replace(edit.range, with: edit.text) }
        return try applying(edits)
    }
}
