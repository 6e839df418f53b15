"""Source separation: signal processing or networks split a mixture into sources that add up to it.

audioLIME switches separated sources on and off (Haunschmid et al. 2020, arXiv:2008.00582,
section 2).
"""
