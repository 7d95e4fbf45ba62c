using System.Collections.Concurrent;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace UnitTests.KubeApi;

/// <summary>The informer against a real HTTP server that answers lists and watches by script.</summary>
public sealed class InformerTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<Func<HttpContext, Task>> lists = [], watches = [];
    private readonly ConcurrentQueue<string> watchedFrom = [];
    private readonly ConcurrentQueue<string> seen = [];
    private readonly CancellationTokenSource cancel = new();
    private WebApplication server = null!;
    private ApiClient client = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.Run(Answer);
        await server.StartAsync();
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        client = new ApiClient(new Uri(address), new SocketsHttpHandler(), "test");
    }

    public async Task DisposeAsync()
    {
        cancel.Cancel();
        client.Dispose();
        await server.StopAsync(new CancellationToken(true));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task The_first_list_is_reported_and_then_what_the_watch_tells()
    {
        lists.Enqueue(List(5, ("a", 3, "ua"), ("b", 4, "ub")));
        watches.Enqueue(Watch(("ADDED", "c", 6, "uc"), ("MODIFIED", "a", 7, "ua"), ("DELETED", "b", 8, "ub")));
        var informer = Start();
        await informer.Synced.WaitAsync(Bound);
        await Until(() => seen.Count == 5);
        Assert.Equal(["+a", "+b", "+c", "~a", "-b"], seen);
        await Until(() => informer.Revision == 8);
        Assert.Equal(["a", "c"], informer.Items.Select(item => item.Name).Order());
        Assert.Equal("7", informer.Get("ns/a")!.Metadata.ResourceVersion);
        Assert.Equal("ConfigMap", informer.Get("ns/a")!.Kind);
    }

    [Fact]
    public async Task A_revision_is_told_when_all_up_to_it_has_been_reported()
    {
        lists.Enqueue(List(5, ("a", 3, "ua"), ("b", 4, "ub")));
        watches.Enqueue(Watch(("ADDED", "c", 6, "uc"), ("DELETED", "b", 8, "ub"), ("BOOKMARK", "", 12, "")));
        var informer = Start(informer => informer.Advanced += revision => seen.Enqueue($"={revision}"));
        await Until(() => seen.Contains("=12"));
        Assert.Equal(["+a", "+b", "=5", "+c", "=6", "-b", "=8", "=12"], seen);
    }

    [Fact]
    public async Task After_a_lost_connection_the_watch_goes_on_from_the_last_revision()
    {
        lists.Enqueue(List(5));
        watches.Enqueue(Watch(false, ("ADDED", "a", 6, "ua"), ("BOOKMARK", "", 9, "")));
        watches.Enqueue(context => { context.Abort(); return Task.CompletedTask; });
        watches.Enqueue(Watch(("ADDED", "b", 10, "ub")));
        Start();
        await Until(() => seen.Count == 2);
        Assert.Equal(["+a", "+b"], seen);
        Assert.Equal(["5", "9", "9"], watchedFrom.Take(3));
    }

    [Fact]
    public async Task After_a_forgotten_revision_the_difference_of_a_new_list_is_reported()
    {
        lists.Enqueue(List(5, ("same", 1, "u1"), ("changed", 2, "u2"), ("gone", 3, "u3"), ("again", 4, "u4")));
        watches.Enqueue(context => context.Response.WriteAsync("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}}\n"));
        lists.Enqueue(List(20, ("same", 1, "u1"), ("changed", 12, "u2"), ("again", 14, "u5"), ("new", 15, "u6")));
        watches.Enqueue(Watch());
        Start();
        await Until(() => seen.Count == 9);
        Assert.Equal(["-gone", "~changed", "-again", "+again", "+new"], seen.Skip(4));
    }

    [Fact]
    public async Task A_server_that_cannot_answer_yet_is_asked_again()
    {
        for (var i = 0; i < 3; i++) lists.Enqueue(context => { context.Response.StatusCode = 503; return Task.CompletedTask; });
        lists.Enqueue(List(5, ("a", 3, "ua")));
        var informer = Start();
        Assert.False(informer.Synced.IsCompleted);
        await informer.Synced.WaitAsync(Bound);
        Assert.Equal("ns/a", Assert.Single(informer.Items).Key);
    }

    [Fact]
    public async Task A_line_that_is_no_event_ends_the_watch_but_not_the_informer()
    {
        lists.Enqueue(List(5));
        watches.Enqueue(context => context.Response.WriteAsync("{\"type\":\"ADDED\",\"object\":[]}\n"));
        watches.Enqueue(Watch(("ADDED", "a", 6, "ua")));
        Start();
        await Until(() => seen.Count == 1);
        Assert.Equal(["+a"], seen);
    }

    private Informer<ConfigMap> Start(Action<Informer<ConfigMap>>? listen = null)
    {
        var informer = new Informer<ConfigMap>(client, _ => { }, new ListOptions("ns"));
        informer.Changed += (old, updated) => seen.Enqueue((old is null ? "+" : updated is null ? "-" : "~") + (updated ?? old)!.Name);
        listen?.Invoke(informer);
        _ = informer.Run(cancel.Token);
        return informer;
    }

    private async Task Answer(HttpContext context)
    {
        var isWatch = context.Request.Query["watch"] == "true";
        if (isWatch) watchedFrom.Enqueue(context.Request.Query["resourceVersion"].ToString());
        if ((isWatch ? watches : lists).TryDequeue(out var answer)) await answer(context);
        else if (isWatch) await Hold(context);
        else context.Response.StatusCode = 500;
    }

    private static string Json(string name, long revision, string uid) =>
        $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{uid}}}","resourceVersion":"{{{revision}}}"}}""";

    private static Func<HttpContext, Task> List(long revision, params (string Name, long Revision, string Uid)[] items) => context =>
        context.Response.WriteAsync($$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"{{revision}}"},"items":[{{string.Join(',', items.Select(i => Json(i.Name, i.Revision, i.Uid)))}}]}""");

    private Func<HttpContext, Task> Watch(params (string Type, string Name, long Revision, string Uid)[] events) => Watch(true, events);

    private Func<HttpContext, Task> Watch(bool hold, params (string Type, string Name, long Revision, string Uid)[] events) => async context =>
    {
        foreach (var e in events)
        {
            await context.Response.WriteAsync($"{{\"type\":\"{e.Type}\",\"object\":{Json(e.Name, e.Revision, e.Uid)}}}\n", Encoding.UTF8);
            await context.Response.Body.FlushAsync();
        }
        if (hold) await Hold(context);
    };

    private async Task Hold(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel.Token, context.RequestAborted);
        try { await Task.Delay(Timeout.Infinite, either.Token); }
        catch (OperationCanceledException) { }
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }
        Assert.Fail("not within 30 s");
    }
}
