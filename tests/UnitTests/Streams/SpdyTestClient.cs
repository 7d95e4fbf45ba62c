using System.Buffers.Binary;
using System.Text;
using NodeAgent.Streams.Spdy;

namespace UnitTests.Streams;

/// <summary>A client's side of SPDY/3.1, frame by frame. Its header blocks are stored and not compressed, which zlib permits.</summary>
internal sealed class SpdyTestClient(Stream transport)
{
    private bool begun;

    public Task SynStream(int id, params (string Name, string Value)[] headers) => SynStream(id, Block(headers));

    public Task SynStream(int id, byte[] block)
    {
        var body = new byte[10 + block.Length];
        BinaryPrimitives.WriteInt32BigEndian(body, id);
        block.CopyTo(body, 10);
        return Control(SpdyControl.SynStream, body);
    }

    public Task Control(SpdyControl type, params byte[] body) => Send(new SpdyFrame(true, type, 0, 0, body.Length), body);

    public Task Data(int id, byte[] data, bool last = false) => Send(new SpdyFrame(false, default, id, last ? SpdyFrame.Fin : (byte)0, data.Length), data);

    public async Task<(SpdyFrame Frame, byte[] Body)> Read()
    {
        var head = new byte[SpdyFrame.Size];
        await transport.ReadExactlyAsync(head);
        var frame = SpdyFrame.Read(head);
        var body = new byte[frame.Length];
        await transport.ReadExactlyAsync(body);
        return (frame, body);
    }

    public async Task<(int Id, string Text, bool Last)> ReadData()
    {
        var (frame, body) = await Read();
        return frame.IsControl ? throw new InvalidDataException($"{frame.Type}") : (frame.Stream, Encoding.UTF8.GetString(body), frame.IsLast);
    }

    private async Task Send(SpdyFrame frame, byte[] body)
    {
        var head = new byte[SpdyFrame.Size];
        frame.Write(head);
        await transport.WriteAsync((byte[])[.. head, .. body]);
    }

    private byte[] Block((string Name, string Value)[] headers)
    {
        var plain = new List<byte>();
        void Number(int number)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            plain.AddRange(bytes);
        }
        Number(headers.Length);
        foreach (var text in headers.SelectMany(header => new[] { header.Name, header.Value }))
        {
            Number(text.Length);
            plain.AddRange(Encoding.ASCII.GetBytes(text));
        }
        byte[] stored = [0, (byte)plain.Count, (byte)(plain.Count >> 8), (byte)~plain.Count, (byte)(~plain.Count >> 8), .. plain, 0, 0, 0, 0xff, 0xff];
        if (begun) return stored;
        begun = true;
        return [0x78, 0x01, .. stored];
    }
}
