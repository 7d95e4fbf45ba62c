namespace NodeAgent.Joining;

/// <summary>A machine cannot join; the message says why and what to do. Nothing was made.</summary>
internal sealed class JoinException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
