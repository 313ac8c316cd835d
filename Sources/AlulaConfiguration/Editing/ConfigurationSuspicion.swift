import AlulaJSON

/// What makes a change look like an accident: a text that was cut off, or a program that wrote its own idea of the whole.
package enum ConfigurationSuspicion: Hashable, Sendable {
    /// The file would shrink to less than half.
    case sizeDrop(from: Int, to: Int)
    /// `gateway.mode` was set and would not be.
    case gatewayModeRemoved
    /// `meta` was there and would not be.
    case metaRemoved
    /// Nothing would be left but `update.channel`.
    case updateChannelOnly

    /// A smaller file than this may shrink as it likes.
    package static let smallestGuarded = 512

    /// Whether a whole text is refused for it. Single places and patches name what they take away, so they never are.
    package var refusesWholeTexts: Bool {
        switch self {
        case .sizeDrop, .gatewayModeRemoved, .updateChannelOnly: true
        case .metaRemoved: false
        }
    }

    /// What is suspicious about a change of the main file.
    static func all(
        from before: (size: Int, value: JSONValue), to after: (size: Int, value: JSONValue)
    ) -> [ConfigurationSuspicion] {
        var found: [ConfigurationSuspicion] = []
        if before.size >= smallestGuarded, after.size * 2 < before.size {
            found.append(.sizeDrop(from: before.size, to: after.size))
        }
        if before.value["gateway"]?["mode"] != nil, after.value["gateway"]?["mode"] == nil {
            found.append(.gatewayModeRemoved)
        }
        if before.value["meta"] != nil, after.value["meta"] == nil { found.append(.metaRemoved) }
        if isUpdateChannelOnly(after.value), !isUpdateChannelOnly(before.value) { found.append(.updateChannelOnly) }
        return found
    }

    private static func isUpdateChannelOnly(_ root: JSONValue) -> Bool {
        root.object?.count == 1 && root["update"]?.object?.count == 1 && root["update"]?["channel"] != nil
    }
}

extension ConfigurationSuspicion: CustomStringConvertible {
    /// The reference's names.
    package var description: String {
        switch self {
        case .sizeDrop(let before, let after): "size-drop:\(before)->\(after)"
        case .gatewayModeRemoved: "gateway-mode-removed"
        case .metaRemoved: "missing-meta-vs-last-good"
        case .updateChannelOnly: "update-channel-only-root"
        }
    }
}
