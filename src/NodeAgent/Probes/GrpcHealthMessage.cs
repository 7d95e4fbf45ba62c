using System.Buffers.Binary;
using System.Text;

namespace NodeAgent.Probes;

/// <summary>
/// The two messages of grpc.health.v1.Health/Check, as bytes: HealthCheckRequest { string service = 1 } and
/// HealthCheckResponse { ServingStatus status = 1 }, each after a byte for "compressed" and its length in four.
/// </summary>
internal static class GrpcHealthMessage
{
    private const int Prefix = 5, LongestAnswer = 4096;

    private static readonly string[] Statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    public static byte[] Request(string service)
    {
        var message = new MemoryStream();
        var name = Encoding.UTF8.GetBytes(service);
        if (name.Length > 0)
        {
            message.WriteByte(1 << 3 | 2); // field 1, length-delimited
            for (var length = (uint)name.Length; ; length >>= 7)
            {
                message.WriteByte((byte)(length < 0x80 ? length : length & 0x7f | 0x80));
                if (length < 0x80) break;
            }
            message.Write(name);
        }
        var framed = new byte[Prefix + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Length);
        message.ToArray().CopyTo(framed, Prefix);
        return framed;
    }

    /// <summary>The message that a body begins with; null if there is none. All of the body is read, for the trailers come after it.</summary>
    /// <exception cref="IOException">Longer than any such message, or cut off.</exception>
    public static async Task<byte[]?> Read(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[Prefix + LongestAnswer];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        if (count == 0) return null;
        if (count == buffer.Length || count < Prefix || BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(1)) != count - Prefix || buffer[0] != 0)
            throw new IOException("the answer is no message of the health service");
        return buffer[Prefix..count];
    }

    /// <summary>Name of the status in a HealthCheckResponse; what is not there is 0.</summary>
    public static string Status(byte[] response)
    {
        ulong status = 0;
        for (var at = 0; at < response.Length;)
        {
            var tag = Varint(response, ref at);
            var value = Varint(response, ref at);
            if (tag == 1 << 3) status = value;
            else if ((tag & 7) == 2) at += (int)Math.Min(value, (ulong)(response.Length - at));
            else if ((tag & 7) != 0) break;
        }
        return status < (ulong)Statuses.Length ? Statuses[status] : status.ToString();
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; at < bytes.Length && shift < 64; shift += 7)
        {
            value |= (ulong)(bytes[at] & 0x7f) << shift;
            if (bytes[at++] < 0x80) break;
        }
        return value;
    }
}
