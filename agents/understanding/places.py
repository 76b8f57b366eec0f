"""Where spring begins in September: the time zones south of the equator."""

from __future__ import annotations

_NAMES = """
Africa/Johannesburg Africa/Harare Africa/Maputo Africa/Lusaka Africa/Luanda Africa/Windhoek Africa/Gaborone
Africa/Maseru Africa/Mbabane Africa/Blantyre Africa/Bujumbura Africa/Kigali Africa/Dar_es_Salaam Africa/Kinshasa
Africa/Lubumbashi Africa/Nairobi Africa/Brazzaville America/Sao_Paulo America/Bahia America/Fortaleza
America/Recife America/Maceio America/Belem America/Manaus America/Cuiaba America/Campo_Grande
America/Porto_Velho America/Rio_Branco America/Araguaina America/Santarem America/Eirunepe America/Noronha
America/Montevideo America/Asuncion America/La_Paz America/Lima America/Santiago America/Punta_Arenas
America/Coyhaique America/Buenos_Aires America/Guayaquil Atlantic/Stanley Atlantic/St_Helena
    Atlantic/South_Georgia Indian/Antananarivo Indian/Mauritius Indian/Reunion Indian/Mayotte Indian/Comoro
Indian/Mahe Indian/Chagos Indian/Cocos Indian/Christmas Asia/Jakarta Asia/Dili Asia/Makassar Asia/Jayapura
Pacific/Auckland Pacific/Chatham Pacific/Fiji Pacific/Tongatapu Pacific/Apia Pacific/Pago_Pago Pacific/Noumea
Pacific/Port_Moresby Pacific/Efate Pacific/Tahiti Pacific/Rarotonga Pacific/Easter Pacific/Galapagos
Pacific/Guadalcanal Pacific/Norfolk Pacific/Niue Pacific/Pitcairn Pacific/Gambier Pacific/Marquesas
Pacific/Bougainville Pacific/Funafuti Pacific/Wallis Pacific/Fakaofo NZ
"""
_SOUTHERN = frozenset(_NAMES.split())
_SOUTHERN_FOLDERS = ("Australia/", "Antarctica/", "America/Argentina/", "Brazil/", "Chile/")


def southern(zone: str) -> bool:
    """Whether a time zone, by its name, lies south of the equator for the most part."""
    return zone in _SOUTHERN or zone.startswith(_SOUTHERN_FOLDERS)
