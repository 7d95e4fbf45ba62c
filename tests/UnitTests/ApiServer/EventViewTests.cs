using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>Events are one set of objects with two forms.</summary>
[Collection(nameof(ApiServer))]
public sealed class EventViewTests(TestServer server)
{
    private const string New = """
        {"metadata":{"name":"e1"},"eventTime":"2026-05-01T12:00:00.000001Z","reportingController":"example.com/robot","reportingInstance":"r-1","action":"Turning","reason":"Turned",
        "regarding":{"kind":"Pod","name":"p","namespace":"NS"},"note":"It turned.","type":"Normal"}
        """;

    private static string Core(string ns, string rest = "") => $"/api/v1/namespaces/{ns}/events{rest}";

    private static string View(string ns, string rest = "") => $"/apis/events.k8s.io/v1/namespaces/{ns}/events{rest}";

    [Fact]
    public async Task What_is_written_in_one_form_is_read_in_both()
    {
        var ns = await server.Namespace();
        var made = await server.Expect(201, HttpMethod.Post, View(ns), New.Replace("NS", ns));
        Assert.Equal(("events.k8s.io/v1", "It turned."), ((string?)made["apiVersion"], (string?)made["note"]));
        var core = await server.Expect(200, HttpMethod.Get, Core(ns, "/e1"));
        Assert.Equal(("v1", "It turned.", "example.com/robot", "p"), ((string?)core["apiVersion"], (string?)core["message"], (string?)core["reportingComponent"], (string?)core["involvedObject"]!["name"]));

        await server.Expect(201, HttpMethod.Post, Core(ns),
            """{"metadata":{"name":"e2"},"involvedObject":{"kind":"Node","name":"n","namespace":"NS"},"reason":"Old","message":"m","count":3,"lastTimestamp":"2026-05-01T12:00:00Z","source":{"component":"kubelet"}}""".Replace("NS", ns));
        var list = await server.Expect(200, HttpMethod.Get, View(ns));
        Assert.Equal(("EventList", "events.k8s.io/v1"), ((string?)list["kind"], (string?)list["apiVersion"]));
        var old = list["items"]!.AsArray().Single(item => (string?)item!["metadata"]!["name"] == "e2")!;
        Assert.Null(old["kind"]);
        Assert.Equal((3, "kubelet", "n"), ((int)old["deprecatedCount"]!, (string?)old["deprecatedSource"]!["component"], (string?)old["regarding"]!["name"]));
    }

    [Fact]
    public async Task Both_forms_can_be_patched_selected_watched_and_deleted()
    {
        var ns = await server.Namespace();
        var made = await server.Expect(201, HttpMethod.Post, View(ns), New.Replace("NS", ns));
        var series = """{"series":{"count":2,"lastObservedTime":"2026-05-01T12:05:00.000000Z"}}""";
        await server.Expect(200, HttpMethod.Patch, View(ns, "/e1"), series, "application/merge-patch+json");
        Assert.Equal(2, (int)(await server.Expect(200, HttpMethod.Get, Core(ns, "/e1")))["series"]!["count"]!);
        await server.Expect(422, HttpMethod.Patch, View(ns, "/e1"), """{"note":"other"}""", "application/merge-patch+json");
        await server.Expect(200, HttpMethod.Patch, Core(ns, "/e1"), """{"metadata":{"labels":{"a":"b"}}}""", "application/strategic-merge-patch+json");

        Assert.Single((await server.Expect(200, HttpMethod.Get, View(ns, "?fieldSelector=regarding.name%3Dp,reportingController%3Dexample.com/robot")))["items"]!.AsArray());
        Assert.Empty((await server.Expect(200, HttpMethod.Get, View(ns, "?fieldSelector=regarding.name%3Dq")))["items"]!.AsArray());
        await server.Expect(400, HttpMethod.Get, View(ns, "?fieldSelector=involvedObject.name%3Dp"));

        var seen = new List<JsonNode>();
        await foreach (var change in server.Watch(View(ns, $"?watch=true&resourceVersion={(string?)made["metadata"]!["resourceVersion"]}&timeoutSeconds=30")))
        {
            seen.Add(change);
            if (seen.Count == 1) await server.Expect(200, HttpMethod.Delete, View(ns, "/e1"));
            if ((string?)change["type"] == "DELETED") break;
        }
        Assert.All(seen, change => Assert.Equal(("events.k8s.io/v1", "It turned."), ((string?)change["object"]!["apiVersion"], (string?)change["object"]!["note"])));
        await server.Expect(404, HttpMethod.Get, Core(ns, "/e1"));
    }

    [Fact]
    public async Task The_newer_form_insists_on_more()
    {
        var ns = await server.Namespace();
        await server.Refused(422, "Invalid", "Event.events.k8s.io \"e1\" is invalid: eventTime: Required value", HttpMethod.Post, View(ns), New.Replace("NS", ns).Replace("\"eventTime\":\"2026-05-01T12:00:00.000001Z\",", ""));
        await server.Refused(422, "Invalid", "Event.events.k8s.io \"e1\" is invalid: deprecatedCount: Invalid value: \"\": needs to be unset", HttpMethod.Post, View(ns), New.Replace("NS", ns).Replace("\"type\"", "\"deprecatedCount\":1,\"type\""));
    }
}
