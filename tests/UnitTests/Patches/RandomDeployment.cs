using System.Text.Json.Nodes;

namespace UnitTests.Patches;

/// <summary>Small random Deployments in which little is possible, so that two of them often have something in common.</summary>
internal static class RandomDeployment
{
    public static JsonObject Make(Random random)
    {
        var metadata = new JsonObject { ["name"] = "d" };
        if (Maybe(random)) metadata["labels"] = Map(random);
        if (Maybe(random)) metadata["annotations"] = Map(random);
        if (Maybe(random)) metadata["finalizers"] = Strings(random);
        var pod = new JsonObject { ["containers"] = Entries(random, Container, "name", "a", "b", "c") };
        if (Maybe(random)) pod["nodeSelector"] = Map(random);
        if (Maybe(random)) pod["securityContext"] = Some(random, "runAsUser", "runAsGroup", "fsGroup");
        var spec = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Map(random) }, ["spec"] = pod } };
        foreach (var name in new[] { "replicas", "minReadySeconds" })
            if (Maybe(random)) spec[name] = random.Next(3);
        if (Maybe(random)) spec["strategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = Some(random, "maxSurge", "maxUnavailable") };
        return new JsonObject { ["kind"] = "Deployment", ["apiVersion"] = "apps/v1", ["metadata"] = metadata, ["spec"] = spec };
    }

    private static bool Maybe(Random random) => random.Next(2) == 0;

    private static JsonObject Map(Random random) => new(Enumerable.Range(0, random.Next(1, 4)).Select(_ => "xyz"[random.Next(3)].ToString()).Distinct().Order()
        .Select(key => KeyValuePair.Create<string, JsonNode?>(key, random.Next(2).ToString())));

    private static JsonObject Some(Random random, params string[] names) => new(names.Where((_, i) => i == 0 || Maybe(random)).Select(name => KeyValuePair.Create<string, JsonNode?>(name, random.Next(2))));

    private static JsonArray Strings(Random random) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"example-{random.Next(3)}").Distinct().Select(text => (JsonNode)text)];

    private static JsonArray Entries(Random random, Action<Random, JsonObject> fill, string key, params string[] names)
    {
        var entries = new JsonArray();
        foreach (var name in names.OrderBy(_ => random.Next()).Take(random.Next(1, names.Length + 1)))
        {
            var entry = new JsonObject { [key] = name };
            fill(random, entry);
            entries.Add((JsonNode)entry);
        }
        return entries;
    }

    private static void Container(Random random, JsonObject container)
    {
        if (Maybe(random)) container["image"] = $"image:{random.Next(3)}";
        if (Maybe(random)) container["args"] = Strings(random);
        if (Maybe(random)) container["env"] = Entries(random, (r, entry) => entry["value"] = r.Next(2).ToString(), "name", "A", "B");
        if (!Maybe(random)) return;
        var ports = new JsonArray();
        foreach (var number in new[] { 80, 81 }.Where(_ => Maybe(random)).DefaultIfEmpty(80))
        {
            var port = new JsonObject { ["containerPort"] = number };
            if (Maybe(random)) port["protocol"] = "TCP";
            if (Maybe(random)) port["hostPort"] = random.Next(1, 3);
            ports.Add((JsonNode)port);
        }
        container["ports"] = ports;
    }
}
