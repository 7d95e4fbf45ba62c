using System.Threading.Channels;
using ControlPlane.Certificates;
using KubeApi;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Audit;

/// <param name="Path">Null: no audit log.</param>
/// <param name="MaxBytes">Size at which the file is set aside as <c>PATH.1</c>.</param>
/// <param name="MaxBackups">How many files that were set aside are kept.</param>
internal sealed record AuditOptions(string? Path, long MaxBytes = 10L << 20, int MaxBackups = 3);

/// <summary>
/// Who did what, one JSON line each, in a file that only its owner reads. Requests do not wait for it: lines are queued and written
/// together once a second. Should the disk not keep up, lines are dropped and counted, and the next one written says so.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    private const int Capacity = 50_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly AuditOptions options;
    private readonly Action<string> log;
    private readonly Channel<AuditEvent> queue = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task writing = Task.CompletedTask;
    private long dropped;
    private string? trouble;

    /// <param name="log">Told when the file cannot be written, and when it can be again.</param>
    public AuditLog(AuditOptions options, Action<string> log)
    {
        (this.options, this.log) = (options, log);
        if (options.Path is not null) writing = Task.Run(Write);
    }

    /// <summary>Call when the request was answered.</summary>
    public void Add(HttpContext http)
    {
        var request = AuditedRequest.Of(http);
        if (options.Path is null || !AuditPolicy.Tells(request, http.Response.StatusCode)) return;
        if (!queue.Writer.TryWrite(AuditEvent.Of(http, request, DateTime.UtcNow))) Interlocked.Increment(ref dropped);
    }

    /// <summary>Writes what is queued.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
    }

    private async Task Write()
    {
        while (await queue.Reader.WaitToReadAsync())
        {
            WriteQueued();
            await Task.WhenAny(Task.Delay(Period), queue.Reader.Completion);
        }
    }

    private void WriteQueued()
    {
        try
        {
            var file = Open();
            try
            {
                while (queue.Reader.TryRead(out var line))
                {
                    file.Write([.. KubeJson.Serialize(line), (byte)'\n']);
                    if (file.Position < options.MaxBytes) continue;
                    file.Dispose();
                    Rotate();
                    file = Open();
                }
            }
            finally { file.Dispose(); }
            Tell(Interlocked.Exchange(ref dropped, 0) is > 0 and var lost ? $"{lost} lines were dropped" : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(e.Message);
        }
    }

    private FileStream Open() => new(options.Path!, new FileStreamOptions
    {
        Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 64 * 1024, UnixCreateMode = OwnerOnlyFile.Mode,
    });

    /// <summary>PATH.1 is the youngest of those set aside.</summary>
    private void Rotate()
    {
        for (var i = options.MaxBackups; i > 1; i--)
            if (File.Exists($"{options.Path}.{i - 1}")) File.Move($"{options.Path}.{i - 1}", $"{options.Path}.{i}", overwrite: true);
        if (options.MaxBackups > 0) File.Move(options.Path!, $"{options.Path}.1", overwrite: true);
        else File.Delete(options.Path!);
    }

    private void Tell(string? message)
    {
        if (message == trouble) return;
        trouble = message;
        log(message is null ? "audit log: written again" : $"audit log: {message}");
    }
}
