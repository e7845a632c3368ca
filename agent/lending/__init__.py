"""The PC's side of lending (外借): asking, checking grants without the collector, and seeing that copies come back."""
