using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NodeAgent.Containers;

/// <summary>
/// A seccomp profile in the format of containers/common (pkg/seccomp): as that of the OCI runtime specification, but rules may hold for
/// some architectures, kernels and capabilities only.
/// </summary>
internal sealed class SeccompSource
{
    private static readonly string Architecture = Kubelet.NodeFactsReader.Architecture;

    private readonly string defaultAction;
    private readonly int? defaultErrno;
    private readonly IReadOnlyList<string> architectures;
    private readonly IReadOnlyList<Rule> rules;

    private sealed record Rule(JsonObject Json, IReadOnlyList<string> Capabilities, IReadOnlyList<string> ForbiddenCapabilities);

    private SeccompSource(JsonElement profile, Version kernel)
    {
        defaultAction = profile.GetProperty("defaultAction").GetString()!;
        defaultErrno = profile.TryGetProperty("defaultErrnoRet", out var errno) ? errno.GetInt32() : null;
        architectures = [.. profile.GetProperty("archMap").EnumerateArray().Where(entry => entry.GetProperty("architecture").GetString() == Name).Take(1)
            .SelectMany(entry => Texts(entry, "subArchitectures").Prepend(Name))];
        rules = [.. profile.GetProperty("syscalls").EnumerateArray().Where(rule => Holds(rule, kernel))
            .Select(rule => new Rule(Json(rule), Texts(rule, "includes", "caps"), Texts(rule, "excludes", "caps")))];
    }

    /// <exception cref="ContainerConfigException">There is no such file, or it is no profile.</exception>
    public static SeccompSource Read(string path)
    {
        try
        {
            using var profile = JsonDocument.Parse(File.ReadAllBytes(path));
            return new SeccompSource(profile.RootElement, Environment.OSVersion.Version);
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ContainerConfigException($"cannot load the default seccomp profile {path} (Debian package golang-github-containers-common): {e.Message}", "CreateContainerError");
        }
    }

    /// <summary>For a process that may have these capabilities.</summary>
    public JsonObject Profile(IReadOnlySet<string> capabilities)
    {
        var profile = new JsonObject { ["defaultAction"] = defaultAction };
        if (defaultErrno is { } errno) profile["defaultErrnoRet"] = errno;
        profile["architectures"] = new JsonArray([.. architectures.Select(name => (JsonNode)name)]);
        profile["syscalls"] = new JsonArray([.. rules
            .Where(rule => rule.Capabilities.All(capabilities.Contains) && !rule.ForbiddenCapabilities.Any(capabilities.Contains)).Select(rule => rule.Json.DeepClone())]);
        return profile;
    }

    /// <summary>This machine's, in libseccomp's words.</summary>
    private static string Name => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";

    private static bool Holds(JsonElement rule, Version kernel)
    {
        var architectures = Texts(rule, "includes", "arches");
        return (architectures.Count == 0 || architectures.Contains(Architecture)) && !Texts(rule, "excludes", "arches").Contains(Architecture)
            && (MinKernel(rule, "includes") is not { } least || kernel >= least) && (MinKernel(rule, "excludes") is not { } below || kernel < below);
    }

    /// <summary>The rule as the OCI runtime specification has it.</summary>
    private static JsonObject Json(JsonElement rule)
    {
        var result = new JsonObject { ["names"] = JsonNode.Parse(rule.GetProperty("names").GetRawText()), ["action"] = rule.GetProperty("action").GetString() };
        if (rule.TryGetProperty("errnoRet", out var errno) && errno.ValueKind == JsonValueKind.Number) result["errnoRet"] = errno.GetInt32();
        if (rule.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Array && args.GetArrayLength() > 0) result["args"] = JsonNode.Parse(args.GetRawText());
        return result;
    }

    private static Version? MinKernel(JsonElement rule, string part) =>
        rule.TryGetProperty(part, out var condition) && condition.TryGetProperty("minKernel", out var version) && Version.TryParse(version.GetString(), out var parsed) ? parsed : null;

    private static IReadOnlyList<string> Texts(JsonElement element, string part, string name) => element.TryGetProperty(part, out var condition) ? Texts(condition, name) : [];

    private static IReadOnlyList<string> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var texts) && texts.ValueKind == JsonValueKind.Array ? [.. texts.EnumerateArray().Select(text => text.GetString()!)] : [];
}
