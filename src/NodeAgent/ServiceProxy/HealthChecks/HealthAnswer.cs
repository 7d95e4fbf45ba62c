using System.Globalization;
using System.Text.Json;

namespace NodeAgent.ServiceProxy.HealthChecks;

/// <summary>What a health check is answered, in kube-proxy's own form: load balancers read the status, people and scripts the body.</summary>
/// <param name="Headers">Besides those that every answer has.</param>
internal sealed record HealthAnswer(int Status, string ContentType, string Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    private static readonly (string, string) NoSniff = ("X-Content-Type-Options", "nosniff");

    public static HealthAnswer NotFound { get; } = new(404, "text/plain; charset=utf-8", "404 page not found\n", [NoSniff]);

    /// <summary>For spec.healthCheckNodePort of a Service.</summary>
    /// <param name="localEndpoints">Ready ones on this node; their number is the node's weight (KEP-3458).</param>
    /// <param name="proxyHealthy">Whether the node's rules are up to date.</param>
    public static HealthAnswer OfService(string ns, string name, int localEndpoints, bool proxyHealthy) => Json(localEndpoints > 0 && proxyHealthy,
        $"{{\n\t\"service\": {{\n\t\t\"namespace\": {Quote(ns)},\n\t\t\"name\": {Quote(name)}\n\t}},\n\t\"localEndpoints\": {localEndpoints},\n\t\"serviceProxyHealthy\": {Bool(proxyHealthy)}\n}}",
        ("X-Load-Balancing-Endpoint-Weight", localEndpoints.ToString(CultureInfo.InvariantCulture)));

    /// <summary>/healthz: whether a load balancer shall send new connections here.</summary>
    /// <param name="updated">When the rules were last seen to be up to date.</param>
    /// <param name="eligible">The node stays: it is not being deleted.</param>
    public static HealthAnswer Healthz(bool healthy, DateTime updated, DateTime now, bool eligible) => Json(healthy && eligible,
        $"{{\"lastUpdated\": {Time(healthy && eligible ? now : updated)},\"currentTime\": {Time(now)}, \"nodeEligible\": {Bool(eligible)}}}");

    /// <summary>/livez: whether the proxy itself works, whatever becomes of the node.</summary>
    public static HealthAnswer Livez(bool healthy, DateTime updated, DateTime now) => Json(healthy,
        $"{{\"lastUpdated\": {Time(healthy ? now : updated)},\"currentTime\": {Time(now)}}}");

    private static HealthAnswer Json(bool good, string body, params (string, string)[] headers) => new(good ? 200 : 503, "application/json", body, [NoSniff, .. headers]);

    private static string Bool(bool value) => value ? "true" : "false";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>As Go prints a time.</summary>
    private static string Time(DateTime time) => $"\"{time.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.')} +0000 UTC\"";
}
