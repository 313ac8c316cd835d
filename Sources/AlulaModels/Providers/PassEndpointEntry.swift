/// Where a provider gives passes: tokens for some minutes, which its API wants in place of the stored one.
package struct PassEndpointEntry: Hashable, Sendable {
    /// A header that no standard names.
    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An `https` address; redirects are not followed.
    package let url: String
    /// What the provider wants to hear from whoever asks for a pass, and with each call that one opens.
    package let headers: [Header]

    package init(url: String, headers: [Header] = []) {
        self.url = url
        self.headers = headers
    }

    /// GitHub's for Copilot. Its API takes calls of programs that say which they are, in the manner of editors, and by which of
    /// GitHub's integrations they come; programs that it does not know come by this one.
    ///
    /// - Parameter version: Ours.
    package static func gitHubCopilot(version: String) -> PassEndpointEntry {
        PassEndpointEntry(
            url: "https://api.github.com/copilot_internal/v2/token",
            headers: [
                Header("editor-version", "alula/\(version)"), Header("editor-plugin-version", "alula/\(version)"),
                Header("copilot-integration-id", "vscode-chat"), Header("openai-intent", "conversation-edits"),
            ])
    }

    /// The same provider, played by a server on this machine.
    package func played(by server: LocalServer) -> PassEndpointEntry {
        PassEndpointEntry(url: server.moved(url), headers: headers)
    }
}
