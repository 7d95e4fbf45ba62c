using System.Text.RegularExpressions;

namespace ControlPlane.Registry.Validation;

/// <summary>
/// What names must look like (k8s.io/apimachinery util/validation). Every rule answers null or what is wrong, in
/// Kubernetes' words.
/// </summary>
internal static partial class Names
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = LabelPattern + @"(\." + LabelPattern + ")*";
    private const string Label1035Pattern = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelValuePattern = "(" + QualifiedPattern + ")?";
    private const string EnvVarPattern = "[ -<>-~]+";
    private const string ConfigKeyPattern = "[-._a-zA-Z0-9]+";

    /// <summary>RFC 1123 label: namespaces, containers, volumes.</summary>
    public static string? Dns1123Label(string name) => Match(name, 63, Label1123(),
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        LabelPattern, "my-name", "123-abc");

    /// <summary>RFC 1123 subdomain: most objects.</summary>
    public static string? Dns1123Subdomain(string name) => Match(name, 253, Subdomain(),
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        SubdomainPattern, "example.com");

    /// <summary>Whatever can stand in a URL's path: roles and their bindings, whose names may have colons and capitals.</summary>
    public static string? PathSegment(string name) =>
        name is "." or ".." ? $"may not be '{name}'"
        : name.Contains('/') ? "may not contain '/'"
        : name.Contains('%') ? "may not contain '%'" : null;

    /// <summary>RFC 1035 label: Services, whose names become names of environment variables.</summary>
    public static string? Dns1035Label(string name) => Match(name, 63, Label1035(),
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        Label1035Pattern, "my-name", "abc-123");

    /// <summary>Key of a label or annotation, name of a finalizer or resource: <c>[prefix/]name</c>.</summary>
    public static string? QualifiedName(string name)
    {
        var slash = name.IndexOf('/');
        if (slash >= 0 && name.IndexOf('/', slash + 1) >= 0)
            return "a qualified name " + Explain("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                QualifiedPattern, "MyName", "my.name", "123-abc") + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        if (slash == 0) return "prefix part must be non-empty";
        if (slash > 0 && Dns1123Subdomain(name[..slash]) is { } problem) return "prefix part " + problem;
        var part = name[(slash + 1)..];
        if (part.Length == 0) return "name part must be non-empty";
        return Match(part, 63, Qualified(), "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            QualifiedPattern, "MyName", "my.name", "123-abc") is { } wrong ? "name part " + wrong : null;
    }

    public static string? LabelValue(string value) => Match(value, 63, LabelValueSyntax(),
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        LabelValuePattern, "MyValue", "my_value", "12345");

    /// <summary>Anything printable but '=' (the relaxed rule since Kubernetes 1.34).</summary>
    public static string? EnvVarName(string name) => EnvVar().IsMatch(name) ? null
        : "a valid environment variable name must consist only of printable ASCII characters other than '='";

    /// <summary>Key of a ConfigMap or Secret; it may become a file name.</summary>
    public static string? ConfigKey(string key) =>
        key is "." or ".." ? $"must not be '{key}'"
        : key.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'"
        : Match(key, 253, ConfigKeySyntax(), "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            ConfigKeyPattern, "key.name", "KEY_NAME", "key-name");

    /// <summary>IANA service name, as ports of containers bear it.</summary>
    public static string? PortName(string name) =>
        name.Length > 15 ? "must be no more than 15 characters"
        : !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
        : !name.Any(char.IsAsciiLetterLower) ? "must contain at least one letter (a-z)"
        : name.Contains("--") ? "must not contain consecutive hyphens"
        : name[0] == '-' || name[^1] == '-' ? "must not begin or end with a hyphen" : null;

    public static string? Port(int port) => port is >= 1 and <= 65535 ? null : "must be between 1 and 65535, inclusive";

    public static string? NotNegative(long value) => value >= 0 ? null : "must be greater than or equal to 0";

    private static string? Match(string text, int maxLength, Regex syntax, string rule, string pattern, params string[] examples) =>
        text.Length > maxLength ? $"must be no more than {maxLength} bytes" : syntax.IsMatch(text) ? null : Explain(rule, pattern, examples);

    private static string Explain(string rule, string pattern, params string[] examples) =>
        $"{rule} (e.g. {string.Join(" or ", examples.Select(e => $"'{e}', "))}regex used for validation is '{pattern}')";

    [GeneratedRegex(@"\A" + LabelPattern + @"\z")] private static partial Regex Label1123();
    [GeneratedRegex(@"\A" + SubdomainPattern + @"\z")] private static partial Regex Subdomain();
    [GeneratedRegex(@"\A" + Label1035Pattern + @"\z")] private static partial Regex Label1035();
    [GeneratedRegex(@"\A" + QualifiedPattern + @"\z")] private static partial Regex Qualified();
    [GeneratedRegex(@"\A" + LabelValuePattern + @"\z")] private static partial Regex LabelValueSyntax();
    [GeneratedRegex(@"\A" + EnvVarPattern + @"\z")] private static partial Regex EnvVar();
    [GeneratedRegex(@"\A" + ConfigKeyPattern + @"\z")] private static partial Regex ConfigKeySyntax();
}
