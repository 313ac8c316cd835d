import AlulaServer

/// What a running gateway can be asked, for the command line's help.
package enum ServedMethods {
    /// A line for each method.
    package static var help: String { MethodReference.help }
}
