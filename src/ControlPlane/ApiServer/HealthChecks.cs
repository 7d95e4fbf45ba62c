using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>
/// <c>/healthz</c>, <c>/livez</c>, <c>/readyz</c>, and each of their checks below them: "ok", or with <c>?verbose</c> one line a
/// check (k8s.io/apiserver pkg/server/healthz).
/// </summary>
internal static class HealthChecks
{
    private sealed record Check(string Name, bool Passes);

    /// <summary>The paths that are served.</summary>
    public static IEnumerable<string> Paths { get; } =
        new[] { "healthz", "livez", "readyz" }.SelectMany(name => Checks(name, ready: true).Select(check => $"/{name}/{check.Name}").Prepend($"/{name}")).ToList();

    /// <param name="ready">The objects that every cluster begins with are there.</param>
    /// <returns>False for a path that is none of these.</returns>
    public static async Task<bool> TryHandle(HttpContext http, string path, bool ready)
    {
        var parts = path.Trim('/').Split('/');
        if (parts is not ["healthz" or "livez" or "readyz", ..] || parts.Length > 2) return false;
        var checks = Checks(parts[0], ready);
        if (parts.Length > 1)
        {
            if (checks.Find(check => check.Name == parts[1]) is not { } one) return false;
            await (one.Passes ? Answer.Text(http, 200, "ok") : Answer.Text(http, 500, $"internal server error: {one.Name}: not finished\n"));
            return true;
        }
        var excluded = http.Request.Query["exclude"].Select(name => name ?? "").Where(name => name.Length > 0).ToHashSet();
        var passes = checks.TrueForAll(check => check.Passes || excluded.Contains(check.Name));
        if (passes && !http.Request.Query.ContainsKey("verbose")) await Answer.Text(http, 200, "ok");
        else await Answer.Text(http, passes ? 200 : 500, Report(parts[0], checks, excluded, passes));
        return true;
    }

    private static string Report(string name, List<Check> checks, HashSet<string> excluded, bool passes)
    {
        var lines = checks.Select(check => excluded.Remove(check.Name) ? $"[+]{check.Name} excluded: ok" : check.Passes ? $"[+]{check.Name} ok" : $"[-]{check.Name} failed: not finished").ToList();
        if (excluded.Count > 0) lines.Add($"warn: some health checks cannot be excluded: no matches for {string.Join(", ", excluded.Select(unknown => $"\"{unknown}\""))}");
        return $"{string.Join('\n', lines)}\n{name} check {(passes ? "passed" : "failed")}\n";
    }

    /// <summary>A server that answers is alive; it is ready once it has bootstrapped.</summary>
    private static List<Check> Checks(string name, bool ready) =>
        name == "readyz" ? [new Check("ping", true), new Check("bootstrap", ready)] : [new Check("ping", true)];
}
