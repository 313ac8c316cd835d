/// The program that connects, as it describes itself.
package struct ClientIdentity: Hashable, Sendable {
    /// The programs that the protocol knows. Others are refused by the schema.
    package enum Kind: String, CaseIterable, Sendable {
        case webchatUI = "webchat-ui"
        case controlUI = "openclaw-control-ui"
        case terminalUI = "openclaw-tui"
        case webchat
        case commandLine = "cli"
        case gatewayClient = "gateway-client"
        case macOS = "openclaw-macos"
        case iOS = "openclaw-ios"
        case android = "openclaw-android"
        case nodeHost = "node-host"
        case test
        case fingerprint
        case probe = "openclaw-probe"
        case browserCopilot = "openclaw-browser-copilot"
        case linux = "openclaw-linux"
        case watchOS = "openclaw-watchos"
        case worker = "openclaw-worker"
    }

    /// How the program uses the gateway.
    package enum Mode: String, CaseIterable, Sendable {
        case webchat
        case commandLine = "cli"
        case userInterface = "ui"
        case backend
        case node
        case probe
        case test
        case worker
    }

    package let kind: Kind
    package let version: String
    package let platform: String
    package let mode: Mode
    package var displayName: String?
    package var deviceFamily: String?
    package var modelIdentifier: String?
    package var instanceID: String?

    package init(kind: Kind, version: String, platform: String, mode: Mode) {
        self.kind = kind
        self.version = version
        self.platform = platform
        self.mode = mode
    }

    /// A page in a browser: it always sends an `Origin`, which is checked.
    package var needsOrigin: Bool { kind == .controlUI }
    /// A page of the gateway's own: the settings page or the chat.
    package var isOwnPage: Bool { isControlUI || kind == .webchatUI || kind == .webchat || mode == .webchat }
    /// The settings page, which has rules of its own for devices.
    package var isControlUI: Bool { kind == .controlUI }
    /// Programs that come and go and are not shown as present.
    package var isTransient: Bool {
        switch mode {
        case .commandLine, .backend, .probe, .test: true
        case .webchat, .userInterface, .node, .worker: false
        }
    }
}
